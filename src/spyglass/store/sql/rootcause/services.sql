-- Spans with which a service was entered, per bucket of time, service, and the service that called it: the parent span lies in the caller.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; bucket_s UInt32; limit UInt32
-- Columns: bucket (unix s), caller (service; empty: nobody that is known), node (service), count, errors, mean_ns, p95_ns
SELECT toUnixTimestamp(toStartOfInterval(s.start, toIntervalSecond({bucket_s:UInt32}))) AS bucket, toString(p.service) AS caller, toString(s.service) AS node,
  count() AS count, countIf(s.status = 'error') AS errors, avg(s.duration_ns) AS mean_ns, quantile(0.95)(s.duration_ns) AS p95_ns
FROM (
  SELECT trace_id, span_id, parent_span_id, service, start, status, duration_ns
  FROM spans FINAL
  WHERE project = {project:String} AND service != '' AND NOT pending
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')) AS s
LEFT JOIN (
  SELECT trace_id, span_id, service
  FROM spans FINAL
  WHERE project = {project:String} AND service != ''
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')) AS p ON s.trace_id = p.trace_id AND s.parent_span_id = p.span_id
WHERE toString(p.service) != toString(s.service)
GROUP BY bucket, caller, node
ORDER BY count DESC, bucket, caller, node
LIMIT {limit:UInt32}
