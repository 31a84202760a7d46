-- When the latest span of a time range began.
-- project String, lo_ns and hi_ns Int64: start, both included; received_ns Int64: lower bound of its arrival
-- Columns: newest (ns); no row when there is none
SELECT toUnixTimestamp64Nano(start) AS newest
FROM spans
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY spans.start DESC
LIMIT 1
