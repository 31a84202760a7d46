-- Days with records that are kept no longer: they cannot be added up again.
-- project String; lo_s and hi_s UInt32: days that begin there; gone_s UInt32: what arrived before is not there any more; limit UInt32
-- unbounded: at most one row per day
-- Columns: day (number since 1970)
SELECT toUInt32(intDiv(toUnixTimestamp(begin), 86400)) AS day
FROM sums_day FINAL
WHERE project = {project:String} AND begin >= toDateTime({lo_s:UInt32}, 'UTC') AND begin < toDateTime({hi_s:UInt32}, 'UTC') AND count > 0
GROUP BY day
HAVING toUnixTimestamp(min(first_received)) < {gone_s:UInt32}
LIMIT {limit:UInt32}
