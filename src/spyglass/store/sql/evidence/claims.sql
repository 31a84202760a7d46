-- The spans of one trace, as joining them with system evidence needs them.
-- project String, traces Array(String): its id in hex; received_ns and last_received_ns Int64: when it arrived; limit UInt32
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: span_id, parent_span_id, kind, name, tool, model, response_id, start_ns, duration_ns, arguments (of tools: the begin), pid, host_id and watch (texts; empty: not told),
--   seen (on the wire), by_runner (a runner tells it, of a program that it watches or of its connections)
SELECT span_id, parent_span_id, toString(kind) AS kind, toString(name) AS name, toString(tool) AS tool, toString(model) AS model, response_id,
  toUnixTimestamp64Nano(s.start) AS start_ns, duration_ns, if(s.kind IN ('tool', 'mcp'), leftUTF8(s.input, 20000), '') AS arguments,
  if(s.resource_attributes['process.pid'] != '', s.resource_attributes['process.pid'], s.attributes['process.pid']) AS pid, s.resource_attributes['host.id'] AS host_id,
  s.resource_attributes['spyglass.watch.id'] AS watch,
  s.attributes['spyglass.evidence'] != '' AS seen, s.resource_attributes['spyglass.runner'] != '' AS by_runner
FROM spans AS s
WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16)
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
ORDER BY version DESC
LIMIT 1 BY span_id
LIMIT {limit:UInt32}
