-- Executions: the runs of agents. One per agent span, and one per execution that only life-cycle events tell of; latest first.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; before_ns Int64 and before_id String: end of the page before; limit UInt32
-- Columns: id (span id or execution id), source (span, event), trace_id, agent, agent_id, agent_version, name, status (running ok error), start, duration_ns, session_id,
--   user_id, service, error_type, status_message, input, output; start_ns and place: where it stands in the order
SELECT id, source, trace_id, agent, agent_id, agent_version, name, status, start, duration_ns, session_id, user_id, service, error_type, status_message, input, output,
  toUnixTimestamp64Nano(start) AS start_ns, hex(sipHash128(trace_id, id)) AS place
FROM (
  SELECT lower(hex(span_id)) AS id, 'span' AS source, trace_id, toString(s.agent) AS agent, s.agent_id AS agent_id, toString(s.agent_version) AS agent_version,
    toString(s.name) AS name, multiIf(s.pending, 'running', s.status = 'error', 'error', 'ok') AS status, s.start AS start, s.duration_ns AS duration_ns,
    s.session_id AS session_id, s.user_id AS user_id, toString(s.service) AS service, toString(s.error_type) AS error_type, s.status_message AS status_message,
    leftUTF8(s.input, 300) AS input, leftUTF8(s.output, 300) AS output
  FROM spans AS s FINAL
  WHERE project = {project:String} AND s.kind = 'agent'
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  UNION ALL
  SELECT e.execution_id AS id, 'event' AS source, any(e.trace_id) AS trace_id, anyIf(toString(e.agent), e.agent != '') AS agent, anyIf(e.agent_id, e.agent_id != '') AS agent_id,
    anyIf(toString(e.agent_version), e.agent_version != '') AS agent_version, anyIf(toString(e.operation), e.operation != '') AS name,
    multiIf(countIf(e.event_name = 'execution.end') = 0, 'running', countIf(e.event_name = 'execution.end' AND e.severity IN ('error', 'critical')) > 0, 'error', 'ok') AS status,
    min(e.time) AS start, toUInt64(toUnixTimestamp64Nano(max(e.time)) - toUnixTimestamp64Nano(min(e.time))) AS duration_ns,
    anyIf(e.session_id, e.session_id != '') AS session_id, anyIf(e.user_id, e.user_id != '') AS user_id, any(toString(e.service)) AS service,
    anyIf(toString(e.error_type), e.error_type != '') AS error_type, '' AS status_message, anyIf(leftUTF8(e.input, 300), e.input != '') AS input,
    anyIf(leftUTF8(e.output, 300), e.output != '') AS output
  FROM events AS e
  WHERE /*events*/ AND project = {project:String} AND e.execution_id != '' AND e.event_name LIKE 'execution.%'
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY id)
WHERE (start_ns, place) < ({before_ns:Int64}, {before_id:String})
ORDER BY start DESC, place DESC
LIMIT {limit:UInt32}
