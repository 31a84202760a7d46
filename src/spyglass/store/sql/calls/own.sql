-- What some spans say of their calls beside what the table tellings has, for store/twins.py.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; traces and spans Array(String): hex, one span of each trace by place; limit UInt32
-- Columns: trace_id, span_id, models, said (hashes), watch, host, pid
SELECT trace_id, span_id, arrayFilter(name -> name != '', [toString(s.request_model), toString(s.response_model)]) AS models, s.output_messages AS said,
  s.resource_attributes['spyglass.watch.id'] AS watch, s.resource_attributes['host.id'] AS host,
  if(s.resource_attributes['process.pid'] != '', s.resource_attributes['process.pid'], s.attributes['process.pid']) AS pid
FROM spans AS s
WHERE project = {project:String}
  AND (trace_id, span_id) IN (
    SELECT toFixedString(unhex(pair.1), 16), toFixedString(unhex(pair.2), 8) FROM (SELECT arrayJoin(arrayZip({traces:Array(String)}, {spans:Array(String)})) AS pair))
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY version DESC
LIMIT 1 BY trace_id, span_id
LIMIT {limit:UInt32}
