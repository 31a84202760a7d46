-- How many events match in windows that overlap: each ends a step after the one before. An event that came more than once counts once.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; first_ns Int64: end of the first window; window_ns and step_ns Int64; steps UInt32: how many; limit UInt32
-- /*group*/: the group as an array of text
-- Columns: step (number of the window, from 0), groups, count, errors (severity error or critical)
WITH toUnixTimestamp64Nano(time) - ({first_ns:Int64} - {window_ns:Int64}) AS since
SELECT arrayJoin(range(
    toUInt32(if(since < {window_ns:Int64}, 0, intDiv(since - {window_ns:Int64}, {step_ns:Int64}) + 1)),
    toUInt32(least(toInt64({steps:UInt32}) - 1, intDiv(since, {step_ns:Int64})) + 1))) AS step,
  /*group*/ AS groups, count() AS count, countIf(severity IN ('error', 'critical')) AS errors
FROM events FINAL
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY step, groups
ORDER BY step, count DESC, groups
LIMIT {limit:UInt32}
