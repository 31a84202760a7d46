-- Runs of an agent per bucket of time, from its spans: for buckets that are no whole hours.
-- project String, agent String, lo_ns and hi_ns Int64: start, hi not included; origin_s Int64: where buckets are counted from; received_ns Int64; bucket_s UInt32; limit UInt32
-- Columns: bucket (number, 0 the first), runs, failed_runs, ended_runs, p50_ns, p95_ns
SELECT intDiv(toInt64(toUnixTimestamp(s.start)) - {origin_s:Int64}, {bucket_s:UInt32}) AS bucket, uniqExact(s.trace_id, s.span_id) AS runs,
  uniqExactIf((s.trace_id, s.span_id), s.status = 'error') AS failed_runs, uniqExactIf((s.trace_id, s.span_id), NOT s.pending) AS ended_runs,
  quantileIf(0.5)(s.duration_ns, NOT s.pending) AS p50_ns, quantileIf(0.95)(s.duration_ns, NOT s.pending) AS p95_ns
FROM spans AS s
WHERE project = {project:String} AND agent = {agent:String} AND kind = 'agent'
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY bucket
ORDER BY bucket
LIMIT {limit:UInt32}
