-- The steps that an execution told by events, in order, with what they tell.
-- project String, id String: of the execution; lo_ns and hi_ns Int64: time, both included; received_ns Int64; limit UInt32
-- Columns: time_ns, number (0: not told), name, status (ok, failed), input
SELECT toUnixTimestamp64Nano(time) AS time_ns, toUInt32OrZero(attributes['spyglass.execution.step_number']) AS number,
  leftUTF8(attributes['spyglass.execution.step'], 200) AS name,
  if(severity IN ('error', 'critical') OR attributes['spyglass.execution.step_status'] IN ('error', 'failed'), 'failed', 'ok') AS status, leftUTF8(input, 4000) AS input
FROM events
WHERE project = {project:String} AND execution_id = {id:String} AND event_name = 'execution.step'
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY time, number, event_id
LIMIT 1 BY event_id
LIMIT {limit:UInt32}
