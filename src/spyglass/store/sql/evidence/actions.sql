-- What runners saw processes do in a range of time, in order of time.
-- project String, lo_ns and hi_ns Int64: time, both included; received_ns Int64; roots Array(String): pids of watched programs, empty for all; limit UInt32
-- Columns: event_id, time_ns, event_name, trace_id, span_id, attributes, watch, host_id
SELECT event_id, toUnixTimestamp64Nano(e.time) AS time_ns, toString(event_name) AS event_name, trace_id, span_id, attributes,
  e.resource_attributes['spyglass.watch.id'] AS watch, e.resource_attributes['host.id'] AS host_id
FROM events AS e
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND e.resource_attributes['spyglass.watch.id'] != '' AND match(toString(event_name), '^(process|file|net|dns)\\.')
  AND (empty({roots:Array(String)}) OR has({roots:Array(String)}, e.attributes['spyglass.root_pid']))
ORDER BY e.time, event_id
LIMIT 1 BY event_id
LIMIT {limit:UInt32}
