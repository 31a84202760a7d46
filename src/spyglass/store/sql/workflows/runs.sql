-- Runs of a workflow, latest first.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; workflow String; before_ns Int64 and before_id String: end of the page before; limit UInt32
-- /*heads*/, /*called*/: workflows/heads.sql and workflows/name.sql
-- Columns: trace_id, span_id, name, state (running, succeeded, failed), start, duration_ns, session_id, user_id, service, error_type, status_message, input, output (their
--   begins), start_ns and place (where it stands in the order)
SELECT trace_id, span_id, /*called*/ AS workflow_name, multiIf(s.pending, 'running', s.status = 'error', 'failed', 'succeeded') AS state, s.start AS start, s.duration_ns AS duration_ns,
  s.session_id AS session_id, s.user_id AS user_id, toString(s.service) AS service, toString(s.error_type) AS error_type, s.status_message AS status_message,
  leftUTF8(s.input, 300) AS input, leftUTF8(s.output, 300) AS output, toUnixTimestamp64Nano(s.start) AS start_ns, lower(hex(span_id)) AS place
FROM spans AS s FINAL
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND workflow_name = {workflow:String}
  AND (start_ns, place) < ({before_ns:Int64}, {before_id:String})
  AND /*heads*/
ORDER BY s.start DESC, place DESC
LIMIT {limit:UInt32}
