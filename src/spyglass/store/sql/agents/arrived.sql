-- How many records of agents arrived, from the sums per hour: the hours that the time range touches, in whole.
-- project String, lo_ns and hi_ns Int64: hi not included; received_ns Int64
-- Columns: arrived
-- unbounded: one row
SELECT sum(a.arrived) AS arrived
FROM agents_hour AS a
WHERE project = {project:String}
  AND hour >= toStartOfHour(fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC')) AND hour < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND last_received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
