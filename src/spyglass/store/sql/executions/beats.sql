-- How often executions said, of late, that they beat; those that did not are left out.
-- since_ns Int64: of arrival; limit UInt32
-- Columns: project, id, every_s
SELECT b.project AS project, b.id AS id, max(b.every_s) AS every_s
FROM (
  SELECT toString(project) AS project, toString(execution_id) AS id, toFloat64OrZero(attributes['spyglass.heartbeat.interval_s']) AS every_s
  FROM events
  PREWHERE received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND event_name = 'execution.heartbeat'
  UNION ALL
  SELECT toString(project) AS project, concat(lower(hex(trace_id)), '-', lower(hex(span_id))) AS id, toFloat64OrZero(attributes['spyglass.heartbeat.interval_s']) AS every_s
  FROM spans
  PREWHERE received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND pending AND kind = 'agent') AS b
WHERE b.every_s > 0
GROUP BY b.project, b.id
LIMIT {limit:UInt32}
