-- The recorded calls of an execution, in the order in which they began, without their answers.
-- project String, id String: of the execution; lo_ns and hi_ns Int64: time, both included; received_ns Int64; after_ns Int64: number of the last call of the page before; limit UInt32
-- Columns: event_id (hex), time_ns, number, step, kind, name, input_hash, outcome (returned, raised, yielded), form, parent (-1: none), output_hash,
--   size_bytes (of the answer as it is kept), complete, replayed, duration_ns, span_id, issues
SELECT lower(hex(events.event_id)) AS event_id, toUnixTimestamp64Nano(time) AS time_ns, toInt64OrZero(attributes['spyglass.call.number']) AS number,
  toUInt32OrZero(attributes['spyglass.execution.step_number']) AS step, attributes['spyglass.call.kind'] AS kind, leftUTF8(attributes['spyglass.call.name'], 500) AS name,
  attributes['spyglass.call.input_hash'] AS input_hash, attributes['spyglass.call.outcome'] AS outcome, attributes['spyglass.call.form'] AS form,
  if(mapContains(attributes, 'spyglass.call.parent'), toInt64OrZero(attributes['spyglass.call.parent']), -1) AS parent, attributes['spyglass.call.output_hash'] AS output_hash,
  length(body) AS size_bytes, toBool(attributes['spyglass.call.complete'] = 'true') AS complete, toBool(attributes['spyglass.call.replayed'] = 'true') AS replayed,
  toUInt64OrZero(attributes['spyglass.call.duration_ns']) AS duration_ns, span_id, issues
FROM events
WHERE project = {project:String} AND execution_id = {id:String} AND event_name = 'execution.call'
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND number > {after_ns:Int64}
ORDER BY number, events.event_id
LIMIT 1 BY number
LIMIT {limit:UInt32}
