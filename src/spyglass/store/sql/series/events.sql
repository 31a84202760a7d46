-- How many log records match, per bucket of time and group; a record that came more than once counts once.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; bucket_s UInt32; limit UInt32
-- /*group*/: the group as an array of text
-- Columns: bucket (unix s), groups, count, errors (severity error or critical)
SELECT toUnixTimestamp(toStartOfInterval(time, toIntervalSecond({bucket_s:UInt32}))) AS bucket, /*group*/ AS groups, count() AS count,
  countIf(severity IN ('error', 'critical')) AS errors
FROM events FINAL
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY bucket, groups
ORDER BY bucket, groups
LIMIT {limit:UInt32}
