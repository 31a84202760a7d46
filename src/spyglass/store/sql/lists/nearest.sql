-- The time of the record that is nearest to one end of a time range.
-- project String, lo_ns and hi_ns Int64: its time, both included; received_ns Int64: lower bound of its arrival
-- /*table*/ and /*time*/: spans and start, or events and time; /*direction*/: DESC for the latest, ASC for the earliest
-- Columns: nearest (ns); no row when there is none
SELECT toUnixTimestamp64Nano(r./*time*/) AS nearest
FROM /*table*/ AS r
WHERE project = {project:String}
  AND r./*time*/ >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND r./*time*/ <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY r./*time*/ /*direction*/
LIMIT 1
