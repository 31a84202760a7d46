-- Of one span what its peers are found by.
-- project String, traces Array(String): its trace (hex); span String (hex); received_ns and last_received_ns Int64: when the trace arrived
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: name, kind, start_ns, duration_ns
SELECT name, kind, toUnixTimestamp64Nano(start) AS start_ns, duration_ns
FROM spans AS s
WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16) AND span_id = toFixedString(unhex({span:String}), 8)
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
ORDER BY version DESC
LIMIT 1
