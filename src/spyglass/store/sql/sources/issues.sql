-- What was wrong with the records of each source, each record once.
-- project String, lo_ns and hi_ns Int64: start or time, hi not included; received_ns Int64; limit UInt32
-- Columns: service, scope_name, issue, count
SELECT service, scope_name, issue, sum(n) AS count
FROM (
  SELECT service, scope_name, arrayJoin(issues) AS issue, count() AS n FROM spans FINAL
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY service, scope_name, issue
  UNION ALL
  SELECT service, scope_name, arrayJoin(issues) AS issue, count() AS n FROM events FINAL
  WHERE project = {project:String}
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY service, scope_name, issue
  UNION ALL
  SELECT service, scope_name, arrayJoin(issues) AS issue, uniqCombined64(metric, time, point_id) AS n FROM points
  WHERE project = {project:String}
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY service, scope_name, issue)
GROUP BY service, scope_name, issue
ORDER BY count DESC, issue
LIMIT {limit:UInt32}
