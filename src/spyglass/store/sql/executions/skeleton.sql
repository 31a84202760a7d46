-- The spans of some traces, as far as finding what belongs to which execution needs them; of copies of a span the best one.
-- project String, traces Array(String): hex; received_ns and last_received_ns Int64: when they arrived; limit UInt32
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: place (number of the span), above (of its parent; 0: none), trace_id, span_id, kind, name (of the tool, the model or the agent, else of the span), failed,
--   pending, plumbing, start_ns, duration_ns
SELECT cityHash64(s.trace_id, s.span_id) AS place, if(s.parent_span_id = toFixedString('', 8), 0, cityHash64(s.trace_id, s.parent_span_id)) AS above,
  trace_id, span_id, toString(s.kind) AS kind,
  multiIf(s.kind = 'tool' AND s.tool != '', toString(s.tool), s.kind = 'llm' AND s.model != '', toString(s.model), s.kind = 'agent' AND s.agent != '', toString(s.agent), toString(s.name)) AS name,
  s.status = 'error' AS failed, s.pending AS pending, s.plumbing AS plumbing, toUnixTimestamp64Nano(s.start) AS start_ns, s.duration_ns AS duration_ns
FROM spans AS s
WHERE project = {project:String} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
ORDER BY start_ns, place, s.version DESC
LIMIT 1 BY place
LIMIT {limit:UInt32}
