-- Tools of other traces in a range of time that say which process or watch they ran in: what they account for, the trace in question need not.
-- project String, trace String: its id in hex, left out; lo_ns and hi_ns Int64: start, both included; received_ns Int64; limit UInt32
-- Columns: those of evidence/claims.sql, without those of model calls
SELECT span_id, parent_span_id, toString(kind) AS kind, toString(name) AS name, toString(tool) AS tool,
  toUnixTimestamp64Nano(s.start) AS start_ns, duration_ns, leftUTF8(s.input, 20000) AS arguments,
  if(s.resource_attributes['process.pid'] != '', s.resource_attributes['process.pid'], s.attributes['process.pid']) AS pid, s.resource_attributes['host.id'] AS host_id,
  s.resource_attributes['spyglass.watch.id'] AS watch,
  s.attributes['spyglass.evidence'] != '' AS seen, s.resource_attributes['spyglass.runner'] != '' AS by_runner
FROM spans AS s
WHERE project = {project:String} AND trace_id != toFixedString(unhex({trace:String}), 16) AND s.kind IN ('tool', 'mcp')
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (pid != '' OR watch != '')
ORDER BY version DESC
LIMIT 1 BY span_id
LIMIT {limit:UInt32}
