-- Sessions whose interval overlaps the time range, latest activity first: told by spans or by log records.
-- project String, lo_ns and hi_ns Int64: the range, hi not included; received_ns Int64; before_ns Int64 and before_id String: end of the page before; limit UInt32
-- Columns: session_id, last (ns): the latest activity within the range
SELECT session_id, max(at) AS last
FROM (
  SELECT session_id, least(toUnixTimestamp64Nano(start) + toInt64(duration_ns), {hi_ns:Int64} - 1) AS at
  FROM spans
  WHERE project = {project:String} AND session_id != ''
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64} - 86400000000000, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND toUnixTimestamp64Nano(start) + toInt64(duration_ns) >= {lo_ns:Int64}
    AND (/*filter*/)
  UNION ALL
  SELECT session_id, toUnixTimestamp64Nano(time) AS at
  FROM events
  WHERE /*events*/ AND project = {project:String} AND session_id != ''
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
GROUP BY session_id
HAVING (last, session_id) < ({before_ns:Int64}, {before_id:String})
ORDER BY last DESC, session_id DESC
LIMIT {limit:UInt32}
