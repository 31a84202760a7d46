-- The SDK's `execution` is an agent's span and tells of itself by events `execution.*`, too: one run, under the id that the events name. Signs of life, begin, last end
-- and title are the events' to tell (the same moment is told with two times, and none of them is a second begin); the span says how it ended where their end was lost.

DROP VIEW IF EXISTS runs_of_spans;

CREATE MATERIALIZED VIEW IF NOT EXISTS runs_of_spans TO runs AS
WITH s.attributes['spyglass.execution.operation'] AS operation, operation != '' AND s.attributes['spyglass.execution.id'] != '' AS told
SELECT s.project AS project,
  if(told, s.attributes['spyglass.execution.id'], concat(lower(hex(s.trace_id)), '-', lower(hex(s.span_id)))) AS id,
  s.received AS received, if(told, 0, toUnixTimestamp64Nano(s.received)) AS heard_ns,
  toUInt64(toUnixTimestamp64Nano(s.start)) + bitShiftLeft(if(told, toUInt64(2), toUInt64(0)), 61) AS begin,
  if(told, 0, toUnixTimestamp64Nano(s.start)) AS begun_last_ns,
  CAST(if(s.pending, (9223372036854775807, '', '', '', ''), (toUnixTimestamp64Nano(s.start) + toInt64(s.duration_ns),
    multiIf(s.attributes['spyglass.execution.status'] = 'cancelled' OR endsWith(s.error_type, 'CancelledError'), 'cancelled', s.status = 'error', 'failed', 'succeeded'),
    toString(s.error_type), leftUTF8(s.status_message, 300), '')), 'Tuple(at_ns Int64, outcome String, error_type String, message String, output String)') AS ended,
  if(s.pending OR told, 0, toUnixTimestamp64Nano(s.start) + toInt64(s.duration_ns)) AS ended_last_ns,
  if(told, toUInt8(1), toUInt8(2)) AS spoken, toUInt8(s.pending AND NOT told AND toUInt32OrZero(s.attributes['spyglass.heartbeat']) > 1) AS beats, toUInt8(1) AS acted,
  CAST((3, s.trace_id, s.span_id), 'Tuple(rank UInt8, trace_id FixedString(16), span_id FixedString(8))') AS at,
  CAST(if(told, (toUInt64(0), operation), (s.version, toString(s.name))), 'Tuple(version UInt64, name String)') AS title,
  toString(s.agent) AS agent, s.agent_id AS agent_id, toString(s.agent_version) AS agent_version, s.session_id AS session_id,
  s.user_id AS user_id, toString(s.service) AS service, toString(s.environment) AS environment,
  s.attributes['spyglass.task.id'] AS task_id, s.attributes['spyglass.execution.parent_id'] AS parent_id,
  s.attributes['spyglass.execution.forked_from'] AS forked_from, toUInt32OrZero(s.attributes['spyglass.execution.forked_at_step']) AS forked_at_step
FROM spans AS s
WHERE s.kind = 'agent';
