-- How many spans arrived of each hour, copies too, latest hour first: every span has a kind.
-- project String, lo_ns and hi_ns Int64: the range, rounded to hours outside; received_ns Int64: not used; limit UInt32
-- Columns: hour (unix s), arrived
SELECT toUnixTimestamp(f.hour) AS hour, sum(f.count) AS arrived
FROM facets_hour AS f
WHERE project = {project:String} AND field = 'kind'
  AND f.hour >= toStartOfHour(fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC')) AND f.hour <= toStartOfHour(fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC'))
GROUP BY f.hour
ORDER BY hour DESC
LIMIT {limit:UInt32}
