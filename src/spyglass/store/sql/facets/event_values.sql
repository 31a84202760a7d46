-- Values of one field with their counts among the log records that match. Each record counts once.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; prefix String: beginning of the value, any case; limit UInt32
-- /*value*/: the field as text
-- Columns: value, count, errors
SELECT /*value*/ AS value, count() AS count, countIf(status = 'error' OR severity IN ('error', 'critical')) AS errors
FROM events FINAL
WHERE project = {project:String} AND value != '' AND startsWith(lowerUTF8(value), lowerUTF8({prefix:String}))
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY value
ORDER BY count DESC, value
LIMIT {limit:UInt32}
