-- Runs of agents per bucket of time and agent.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; bucket_s UInt32; limit UInt32
-- Columns: bucket (unix s), node (agent), count, errors, mean_ns, p95_ns
SELECT toUnixTimestamp(toStartOfInterval(start, toIntervalSecond({bucket_s:UInt32}))) AS bucket, toString(s.agent) AS node, count() AS count,
  countIf(s.status = 'error') AS errors, avg(s.duration_ns) AS mean_ns, quantile(0.95)(s.duration_ns) AS p95_ns
FROM spans AS s FINAL
WHERE project = {project:String} AND kind = 'agent' AND agent != '' AND NOT pending
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY bucket, node
ORDER BY count DESC, bucket, node
LIMIT {limit:UInt32}
