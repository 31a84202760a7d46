-- Names of attributes with the number of spans that have them.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit and skip UInt32
-- Columns: key, count
SELECT key, count() AS count
FROM spans ARRAY JOIN mapKeys(attributes) AS key
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY key
ORDER BY count DESC, key
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
