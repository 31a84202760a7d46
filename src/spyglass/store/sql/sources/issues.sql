-- What was wrong with the rows of each source.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit UInt32
-- Columns: service, scope_name, issue, count
SELECT service, scope_name, issue, count() AS count
FROM spans ARRAY JOIN issues AS issue
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY service, scope_name, issue
ORDER BY count DESC, issue
LIMIT {limit:UInt32}
