-- Runs of an agent per bucket of whole hours, from the sums per hour.
-- project String, agent String, lo_ns and hi_ns Int64: hi not included; origin_s Int64: where buckets are counted from; received_ns Int64; bucket_s UInt32; limit UInt32
-- Columns: bucket (number, 0 the first), runs, failed_runs, ended_runs, p50_ns, p95_ns
SELECT intDiv(toInt64(toUnixTimestamp(a.hour)) - {origin_s:Int64}, {bucket_s:UInt32}) AS bucket, uniqExactMerge(a.runs) AS runs, uniqExactMerge(a.failed_runs) AS failed_runs,
  uniqExactMerge(a.ended_runs) AS ended_runs, quantilesMerge(0.5, 0.95)(a.durations_ns)[1] AS p50_ns, quantilesMerge(0.5, 0.95)(a.durations_ns)[2] AS p95_ns
FROM agents_hour AS a
WHERE project = {project:String} AND agent = {agent:String}
  AND hour >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND hour < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND last_received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY bucket
ORDER BY bucket
LIMIT {limit:UInt32}
