-- The time of the latest record of a time range.
-- project String, lo_ns and hi_ns Int64: its time, both included; received_ns Int64: lower bound of its arrival
-- /*table*/ and /*time*/: spans and start, or events and time
-- Columns: newest (ns); no row when there is none
SELECT toUnixTimestamp64Nano(r./*time*/) AS newest
FROM /*table*/ AS r
WHERE project = {project:String}
  AND r./*time*/ >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND r./*time*/ <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY r./*time*/ DESC
LIMIT 1
