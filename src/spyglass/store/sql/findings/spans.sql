-- Spans that show a finding, each as its latest copy has it.
-- project String, traces Array(String): their traces (hex); spans Array(String): hex; received_ns and last_received_ns Int64: when the traces arrived; limit UInt32; shown UInt32: characters of texts
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: trace_id, span_id (hex), name, kind, agent, tool, status, time_ns (its begin), duration_ns, input, output (their begins)
SELECT lower(hex(s.trace_id)) AS trace_id, lower(hex(s.span_id)) AS span_id, toString(s.name) AS name, toString(s.kind) AS kind, toString(s.agent) AS agent, toString(s.tool) AS tool,
  toString(s.status) AS status, toUnixTimestamp64Nano(s.start) AS time_ns, s.duration_ns AS duration_ns, leftUTF8(s.input, {shown:UInt32}) AS input,
  leftUTF8(if(s.output = '', s.status_message, s.output), {shown:UInt32}) AS output
FROM spans AS s
WHERE project = {project:String} AND s.trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND s.span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
ORDER BY s.version DESC
LIMIT 1 BY s.trace_id, s.span_id
LIMIT {limit:UInt32}
