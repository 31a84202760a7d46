-- What each source sends, and what it lacks. A source is a service and the instrumentation (scope) that told of it, by spans, log records, points, or all of them.
-- What came more than once counts once; the number of points is within 1 %.
-- project String, lo_ns and hi_ns Int64: start or time, hi not included; received_ns Int64; limit and skip UInt32
-- Columns: service, scope_name, scope_version, dialects, spans, events, points, traces, plumbing, pending, model_spans, model_events; of both of these:
--   without_usage (succeeded and told no tokens), without_model, unpriced (tokens, but no price of the model); without_messages (model spans), without_parent
--   (spans whose parent has not come), without_session (spans, and log records of calls), dropped_attributes (of spans and log records), last_seen,
--   service_records (spans and log records of the service, whatever the scope)
WITH known AS (
  SELECT cityHash64(trace_id, span_id) FROM spans
  WHERE project = {project:String} AND start >= fromUnixTimestamp64Nano({lo_ns:Int64} - 86400000000000, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')),
of_spans AS (
  SELECT service, scope_name, max(s.scope_version) AS scope_version, groupUniqArrayIf(10)(toString(s.dialect), s.dialect != '') AS dialects,
    count() AS spans, 0 AS events, 0 AS points, uniqExact(s.trace_id) AS traces, countIf(s.plumbing) AS plumbing, countIf(s.pending) AS pending,
    countIf(s.kind = 'llm') AS model_spans, 0 AS model_events, countIf(s.kind = 'llm' AND s.status != 'error' AND NOT s.has_usage AND NOT s.pending) AS without_usage,
    countIf(s.kind = 'llm' AND s.model = '' AND NOT s.pending) AS without_model, countIf(s.cost_source = 'unknown_model') AS unpriced,
    countIf(s.kind = 'llm' AND empty(s.input_messages) AND empty(s.output_messages)) AS without_messages,
    countIf(s.parent_span_id != toFixedString('', 8) AND cityHash64(s.trace_id, s.parent_span_id) NOT IN known) AS without_parent,
    countIf(s.session_id = '') AS without_session, sum(s.dropped_attributes) AS dropped_attributes, max(s.start) AS last_seen
  FROM spans AS s FINAL
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY service, scope_name),
of_events AS (
  SELECT service, scope_name, max(e.scope_version) AS scope_version, groupUniqArrayIf(10)(toString(e.dialect), e.dialect != '') AS dialects,
    0 AS spans, count() AS events, 0 AS points, 0 AS traces, 0 AS plumbing, 0 AS pending,
    0 AS model_spans, countIf(e.kind = 'llm') AS model_events, countIf(e.kind = 'llm' AND e.status != 'error' AND NOT e.has_usage) AS without_usage,
    countIf(e.kind = 'llm' AND e.model = '') AS without_model, countIf(e.cost_source = 'unknown_model') AS unpriced, 0 AS without_messages, 0 AS without_parent,
    countIf(e.session_id = '' AND e.kind IN ('llm', 'embedding', 'tool')) AS without_session, sum(e.dropped_attributes) AS dropped_attributes, max(e.time) AS last_seen
  FROM events AS e FINAL
  WHERE project = {project:String}
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY service, scope_name),
of_points AS (
  SELECT service, scope_name, max(p.scope_version) AS scope_version, [] AS dialects,
    0 AS spans, 0 AS events, uniqCombined64(p.metric, p.time, p.point_id) AS points, 0 AS traces, 0 AS plumbing, 0 AS pending,
    0 AS model_spans, 0 AS model_events, 0 AS without_usage, 0 AS without_model, 0 AS unpriced, 0 AS without_messages, 0 AS without_parent,
    0 AS without_session, 0 AS dropped_attributes, max(p.time) AS last_seen
  FROM points AS p
  WHERE project = {project:String}
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY service, scope_name)
SELECT t.service AS service, t.scope_name AS scope_name, max(t.scope_version) AS scope_version,
  arraySort(groupUniqArrayArray(t.dialects)) AS dialects,
  sum(t.spans) AS spans, sum(t.events) AS events, sum(t.points) AS points, sum(t.traces) AS traces, sum(t.plumbing) AS plumbing, sum(t.pending) AS pending,
  sum(t.model_spans) AS model_spans, sum(t.model_events) AS model_events, sum(t.without_usage) AS without_usage, sum(t.without_model) AS without_model,
  sum(t.unpriced) AS unpriced, sum(t.without_messages) AS without_messages, sum(t.without_parent) AS without_parent, sum(t.without_session) AS without_session,
  sum(t.dropped_attributes) AS dropped_attributes, max(t.last_seen) AS last_seen, sum(sum(t.spans) + sum(t.events)) OVER (PARTITION BY t.service) AS service_records
FROM (SELECT service, scope_name, scope_version, dialects, spans, events, points, traces, plumbing, pending, model_spans, model_events, without_usage, without_model,
    unpriced, without_messages, without_parent, without_session, dropped_attributes, last_seen FROM of_spans
  UNION ALL SELECT service, scope_name, scope_version, dialects, spans, events, points, traces, plumbing, pending, model_spans, model_events, without_usage, without_model,
    unpriced, without_messages, without_parent, without_session, dropped_attributes, last_seen FROM of_events
  UNION ALL SELECT service, scope_name, scope_version, dialects, spans, events, points, traces, plumbing, pending, model_spans, model_events, without_usage, without_model,
    unpriced, without_messages, without_parent, without_session, dropped_attributes, last_seen FROM of_points) AS t
GROUP BY service, scope_name
ORDER BY spans + events DESC, points DESC, service, scope_name
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
