-- The last snapshot of an execution until a moment, or of a step the one that was taken by itself after it, else the last one before the next step.
-- project String, id String: of the execution; spans Array(String, hex) and trace String (hex) as in snapshots/list.sql; lo_ns and hi_ns Int64: time, both included; received_ns Int64;
-- step UInt32: only those of this step, 0: of all; limit UInt32: 1
-- Columns: event_id (hex), time_ns
SELECT lower(hex(events.event_id)) AS event_id, toUnixTimestamp64Nano(time) AS time_ns
FROM events
WHERE project = {project:String} AND event_name = 'execution.snapshot'
  AND (execution_id = {id:String} OR (execution_id = '' AND trace_id = toFixedString(unhex({trace:String}), 16) AND span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))))
  AND ({step:UInt32} = 0 OR toUInt32OrZero(attributes['spyglass.execution.step_number']) = {step:UInt32})
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY {step:UInt32} != 0 AND attributes['spyglass.execution.step'] != '' DESC, time DESC, event_id DESC
LIMIT {limit:UInt32}
