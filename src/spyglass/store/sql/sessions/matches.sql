-- Sessions whose interval overlaps the time range, latest activity first: told by spans or by log records.
-- project String, lo_ns and hi_ns Int64: the range, hi not included; received_ns Int64; before_ns Int64 and before_place String: end of the page before; limit UInt32
-- /*events*/: which log records tell of sessions too; /*paused*/: whether to look for sessions that went on only before and after the range, within 30 days of it
-- Columns: session_id, last (ns): the latest activity within the range, else its begin; place: breaks ties
SELECT session_id, max(at) AS last, hex(sipHash128(session_id)) AS place
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
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  UNION ALL
  SELECT session_id, {lo_ns:Int64} AS at
  FROM spans
  WHERE /*paused*/ AND project = {project:String} AND session_id != ''
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64} - 2592000000000000, 'UTC') AND start < fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC')
    AND (/*filter*/)
    AND session_id IN (
      SELECT session_id FROM spans
      WHERE /*paused*/ AND project = {project:String} AND session_id != '' AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
        AND start >= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64} + 2592000000000000, 'UTC')))
GROUP BY session_id
HAVING (last, place) < ({before_ns:Int64}, {before_place:String})
ORDER BY last DESC, place DESC
LIMIT {limit:UInt32}
