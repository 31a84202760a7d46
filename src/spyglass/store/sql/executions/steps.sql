-- The steps that an execution told by events, in order.
-- project String, id String: of the execution; lo_ns and hi_ns Int64: time, both included; received_ns Int64; after_ns Int64 and after_place String: end of the page before;
-- limit UInt32
-- Columns: time_ns, place, number (0: not told), name, status (ok, failed), input and output (their begins), trace_id, span_id
SELECT toUnixTimestamp64Nano(time) AS time_ns, hex(event_id) AS place, toUInt32OrZero(attributes['spyglass.execution.step_number']) AS number,
  leftUTF8(attributes['spyglass.execution.step'], 200) AS name,
  if(severity IN ('error', 'critical') OR attributes['spyglass.execution.step_status'] IN ('error', 'failed'), 'failed', 'ok') AS status,
  leftUTF8(input, 300) AS input, leftUTF8(output, 300) AS output, trace_id, span_id
FROM events
WHERE project = {project:String} AND execution_id = {id:String} AND event_name = 'execution.step'
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (time_ns, place) > ({after_ns:Int64}, {after_place:String})
ORDER BY time, place
LIMIT 1 BY event_id
LIMIT {limit:UInt32}
