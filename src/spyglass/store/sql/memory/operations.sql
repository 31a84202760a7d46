-- What happened to the memory of an agent, or within an execution, latest first: told by events, and by spans of GenAI memory operations.
-- project String, agent String and agent_id String: whose, one of them may be empty; execution String, trace String (hex) and spans Array(String, hex): instead, of an execution and
-- the spans of its trace below it; scope String and key String: only these, empty: all; lo_ns and hi_ns Int64: time, both included; received_ns Int64; before_ns Int64 and before_place String: end of
-- the page before; limit UInt32
-- Columns: time_ns, place, source (event, span), action (read, write, delete), key, scope, size_bytes (0: not told), hash, value, value_type, execution_id, agent, agent_id,
--   trace_id, span_id, service, user_id, session_id
SELECT time_ns, place, source, action, key, scope, size_bytes, hash, value, value_type, execution_id, agent, agent_id, trace_id, span_id, service, user_id, session_id
FROM (
  SELECT toUnixTimestamp64Nano(time) AS time_ns, hex(event_id) AS place, 'event' AS source, substring(toString(event_name), 8) AS action,
    leftUTF8(e.attributes['spyglass.memory.key'], 512) AS key, leftUTF8(e.attributes['spyglass.memory.scope'], 256) AS scope,
    toUInt64OrZero(e.attributes['spyglass.memory.size_bytes']) AS size_bytes, e.attributes['spyglass.memory.hash'] AS hash, e.body AS value, toString(e.body_type) AS value_type,
    e.execution_id AS execution_id, toString(e.agent) AS agent, e.agent_id AS agent_id, e.trace_id AS trace_id, e.span_id AS span_id, toString(e.service) AS service,
    e.user_id AS user_id, e.session_id AS session_id
  FROM events AS e
  WHERE project = {project:String} AND event_name IN ('memory.read', 'memory.write', 'memory.delete')
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (({agent:String} != '' AND e.agent = {agent:String}) OR ({agent_id:String} != '' AND e.agent_id = {agent_id:String})
      OR ({execution:String} != '' AND (e.execution_id = {execution:String} OR (e.execution_id = '' AND e.trace_id = toFixedString(unhex({trace:String}), 16) AND e.span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))))))
  LIMIT 1 BY event_id
  UNION ALL
  SELECT toUnixTimestamp64Nano(start) AS time_ns, hex(span_id) AS place, 'span' AS source,
    multiIf(match(toString(s.operation), '^(create|add|insert|store|save|write|update|upsert)'), 'write', match(toString(s.operation), '^(delete|remove|clear|forget)'), 'delete', 'read')
      AS action,
    leftUTF8(coalesce(nullIf(s.attributes['spyglass.memory.key'], ''), nullIf(s.attributes['gen_ai.memory.record.id'], ''), nullIf(s.attributes['gen_ai.memory.id'], ''),
      nullIf(s.attributes['gen_ai.memory.store.id'], ''), toString(s.name)), 512) AS key,
    leftUTF8(coalesce(nullIf(s.attributes['spyglass.memory.scope'], ''), nullIf(s.attributes['gen_ai.memory.store.name'], ''), nullIf(s.attributes['gen_ai.memory.scope'], ''), ''), 256)
      AS scope,
    toUInt64(length(if(action = 'write', s.input, s.output))) AS size_bytes, '' AS hash, leftUTF8(if(action = 'write', s.input, s.output), 4000) AS value, 's' AS value_type,
    s.attributes['spyglass.execution.id'] AS execution_id, toString(s.agent) AS agent, s.agent_id AS agent_id, s.trace_id AS trace_id, s.span_id AS span_id,
    toString(s.service) AS service, s.user_id AS user_id, s.session_id AS session_id
  FROM spans AS s FINAL
  WHERE project = {project:String} AND s.kind = 'memory'
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (({agent:String} != '' AND s.agent = {agent:String}) OR ({agent_id:String} != '' AND s.agent_id = {agent_id:String})
      OR ({execution:String} != '' AND s.trace_id = toFixedString(unhex({trace:String}), 16) AND s.span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8)))))
WHERE ({scope:String} = '' OR scope = {scope:String}) AND ({key:String} = '' OR key = {key:String})
  AND (time_ns, place) < ({before_ns:Int64}, {before_place:String})
ORDER BY time_ns DESC, place DESC
LIMIT {limit:UInt32}
