-- How many spans some hours have, each once.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; hours Array(UInt32): unix s, at most `limit` UInt32
-- Columns: hour (unix s), spans
SELECT toUnixTimestamp(toStartOfHour(start)) AS hour, count() AS spans
FROM spans FINAL
WHERE project = {project:String} AND NOT pending
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND has({hours:Array(UInt32)}, hour)
GROUP BY hour
ORDER BY hour
LIMIT {limit:UInt32}
