-- What a list shows of each trace: its root, range, counts and who took part. Every copy of a span counts once.
-- project String, traces Array(String): hex; received_ns and last_received_ns Int64: when they arrived
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: trace_id, start, duration_ns, spans, errors, plumbing (spans), pending (spans), root_span_id (zeros: the root has not come), session_id, user_id,
--   root: a tuple of name, kind, status, status_message, input, output, service, environment, of texts that may be long the begin (one argMin of all: most of the
--   time is spent on planning),
--   agents, models, tools, dialects
-- unbounded: the traces are named
SELECT trace_id,
  min(s.start) AS start,
  toUInt64(max(toUnixTimestamp64Nano(s.start) + s.duration_ns) - toUnixTimestamp64Nano(min(s.start))) AS duration_ns,
  uniqExact(span_id) AS spans,
  uniqExactIf(span_id, s.status = 'error') AS errors,
  uniqExactIf(span_id, s.plumbing) AS plumbing,
  toUInt64(uniqExact(span_id) - uniqExactIf(span_id, NOT s.pending)) AS pending,
  argMinIf(s.span_id, s.start, s.parent_span_id = toFixedString('', 8)) AS root_span_id,
  anyIf(s.session_id, s.session_id != '') AS session_id,
  anyIf(s.user_id, s.user_id != '') AS user_id,
  argMin((leftUTF8(s.name, 1000), s.kind, s.status, leftUTF8(s.status_message, 1000), leftUTF8(s.input, 300), leftUTF8(s.output, 300), s.service, s.environment),
    (s.parent_span_id != toFixedString('', 8), s.start, bitNot(s.version))) AS root,
  arraySort(groupUniqArrayIf(20)(s.agent, s.agent != '')) AS agents,
  arraySort(groupUniqArrayIf(20)(s.model, s.model != '')) AS models,
  arraySort(groupUniqArrayIf(20)(s.tool, s.tool != '' AND s.kind = 'tool')) AS tools,
  arraySort(groupUniqArrayIf(20)(s.dialect, s.dialect != '')) AS dialects
FROM spans AS s
WHERE project = {project:String}
  AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
GROUP BY trace_id
