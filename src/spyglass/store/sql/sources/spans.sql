-- What the spans of each source lack or double. A source is a service and the instrumentation (scope) that told of it.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit and skip UInt32
-- Columns: service, scope_name, scope_version, dialects, spans, traces, plumbing, pending, model_spans, without_usage (model spans that succeeded and told no tokens),
--   without_messages (model spans), without_parent (spans whose parent has not come), without_session, dropped_attributes, last_seen
SELECT service, scope_name, any(s.scope_version) AS scope_version, arraySort(groupUniqArrayIf(10)(toString(s.dialect), s.dialect != '')) AS dialects,
  uniqExact(s.trace_id, s.span_id) AS spans, uniqExact(s.trace_id) AS traces, countIf(s.plumbing) AS plumbing, countIf(s.pending) AS pending,
  countIf(s.kind = 'llm') AS model_spans, countIf(s.kind = 'llm' AND s.status != 'error' AND NOT s.has_usage AND NOT s.pending) AS without_usage,
  countIf(s.kind = 'llm' AND empty(s.input_messages) AND empty(s.output_messages)) AS without_messages,
  countIf(s.parent_span_id != toFixedString('', 8) AND (s.trace_id, s.parent_span_id) NOT IN (
    SELECT trace_id, span_id FROM spans
    WHERE project = {project:String} AND start >= fromUnixTimestamp64Nano({lo_ns:Int64} - 86400000000000, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))) AS without_parent,
  countIf(s.session_id = '') AS without_session, sum(s.dropped_attributes) AS dropped_attributes, max(s.start) AS last_seen
FROM spans AS s
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY service, scope_name
ORDER BY spans DESC, service, scope_name
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
