-- The snapshots of an execution, in order of time.
-- project String, id String: of the execution; spans Array(String, hex): of an execution that is a span, it and those below it; trace String (hex): theirs; lo_ns and hi_ns Int64: time, both included;
-- received_ns Int64; after_ns Int64 and after_place String: end of the page before; snapshot String (hex): only this one, empty: all; limit UInt32
-- Columns: event_id (hex), time_ns, received_ns, body and body_type (the manifest, or the state where it could not be cut), name, step (0: not told), step_name, placeholders,
--   was_cut, told_hash, told_bytes, trace_id, span_id, issues
SELECT lower(hex(events.event_id)) AS event_id, toUnixTimestamp64Nano(time) AS time_ns, toUnixTimestamp64Nano(received) AS received_ns, body, toString(body_type) AS body_type,
  attributes['spyglass.snapshot.name'] AS name, toUInt32OrZero(attributes['spyglass.execution.step_number']) AS step,
  leftUTF8(attributes['spyglass.execution.step'], 200) AS step_name, toUInt32OrZero(attributes['spyglass.snapshot.placeholders']) AS placeholders,
  toBool(attributes['spyglass.snapshot.cut'] = 'true') AS was_cut, attributes['spyglass.snapshot.hash'] AS told_hash,
  toUInt64OrZero(attributes['spyglass.snapshot.size_bytes']) AS told_bytes, trace_id, span_id, issues
FROM events
WHERE project = {project:String} AND event_name = 'execution.snapshot'
  AND (execution_id = {id:String} OR (execution_id = '' AND trace_id = toFixedString(unhex({trace:String}), 16) AND span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))))
  AND ({snapshot:String} = '' OR events.event_id = toFixedString(unhex({snapshot:String}), 16))
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (time_ns, event_id) > ({after_ns:Int64}, {after_place:String})
ORDER BY time, event_id
LIMIT 1 BY events.event_id
LIMIT {limit:UInt32}
