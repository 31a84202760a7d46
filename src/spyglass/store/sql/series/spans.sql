-- Figures of the spans that match, per bucket of time and group; a span that came more than once counts once, as its best copy tells it.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; bucket_s UInt32; limit UInt32
-- /*group*/: the group as an array of text
-- Columns: bucket (unix s), groups, count, errors, sum_ns, min_ns, max_ns, quantiles_ns (0.5 0.9 0.95 0.99)
SELECT toUnixTimestamp(toStartOfInterval(start, toIntervalSecond({bucket_s:UInt32}))) AS bucket, /*group*/ AS groups, count() AS count,
  countIf(status = 'error') AS errors, sum(duration_ns) AS sum_ns, min(duration_ns) AS min_ns, max(duration_ns) AS max_ns,
  quantiles(0.5, 0.9, 0.95, 0.99)(duration_ns) AS quantiles_ns
FROM spans FINAL
WHERE project = {project:String} AND NOT pending
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY bucket, groups
ORDER BY bucket, groups
LIMIT {limit:UInt32}
