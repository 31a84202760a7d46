-- Days of which there are hours.
-- since_s UInt32: hours that begin then or later; limit UInt32
-- unbounded: at most one row per project and day
-- Columns: project, day (number since 1970)
SELECT toString(project) AS project, toUInt32(intDiv(toUnixTimestamp(begin), 86400)) AS day
FROM sums_hour
WHERE begin >= toDateTime({since_s:UInt32}, 'UTC')
GROUP BY project, day
LIMIT {limit:UInt32}
