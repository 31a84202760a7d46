-- Which of these traces have a matching span before a time: those belong further down the list.
-- project String, traces Array(String): hex; lo_ns and hi_ns Int64: start, hi not included; received_ns Int64
-- Columns: trace_id
SELECT DISTINCT trace_id
FROM spans
WHERE project = {project:String}
  AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
LIMIT 100000
