-- Names of attributes with the number of spans and log records that have them, each record once.
-- project String, lo_ns and hi_ns Int64: start or time, hi not included; received_ns Int64; limit and skip UInt32
-- Columns: key, count
SELECT key, sum(n) AS count
FROM (
  SELECT arrayJoin(attributes.keys) AS key, count() AS n FROM spans FINAL
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY key
  UNION ALL
  SELECT arrayJoin(attributes.keys) AS key, count() AS n FROM events FINAL
  WHERE project = {project:String}
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY key)
GROUP BY key
ORDER BY count DESC, key
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
