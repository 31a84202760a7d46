-- The calls of models and tools of one trace in order, with the begin of what came of them.
-- project String, traces Array(String): its id in hex; received_ns and last_received_ns Int64: when it arrived; limit UInt32
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: span_id (hex), kind (llm or tool), name, agent, tool, status, start_ns, text
SELECT lower(hex(span_id)) AS span_id, toString(s.kind) AS kind, toString(s.name) AS name, toString(s.agent) AS agent, toString(s.tool) AS tool, toString(s.status) AS status,
  toUnixTimestamp64Nano(s.start) AS start_ns, if(s.output = '', s.status_message, leftUTF8(s.output, 6000)) AS text
FROM spans AS s
WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16)
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND s.kind IN ('llm', 'tool') AND NOT s.pending AND (/*where*/)
ORDER BY s.start, span_id, s.version DESC
LIMIT 1 BY span_id
LIMIT {limit:UInt32}
