-- Minutes that were added up.
-- project String; lo_s and hi_s Int64: hi not included; limit UInt32
-- unbounded: at most one row per minute
-- Columns: minute (number since 1970)
SELECT toUInt32(intDiv(toUnixTimestamp(begin), 60)) AS minute
FROM sums_minute
WHERE project = {project:String} AND begin >= toStartOfMinute(toDateTime({lo_s:Int64}, 'UTC')) AND begin < toDateTime({hi_s:Int64}, 'UTC')
GROUP BY minute
LIMIT {limit:UInt32}
