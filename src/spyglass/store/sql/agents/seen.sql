-- Agents that were active, latest first, from the sums per hour: the hours that the time range touches, in whole.
-- project String, lo_ns and hi_ns Int64: hi not included; received_ns Int64; environment and service String: only agents seen there; limit UInt32
-- /*there*/: whether these two are asked for
-- Columns: agent, last_ns (when it was last seen), arrived (records of it)
SELECT agent, toUnixTimestamp64Nano(max(a.last_seen)) AS last_ns, sum(a.arrived) AS arrived
FROM agents_hour AS a
WHERE project = {project:String}
  AND hour >= toStartOfHour(fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC')) AND hour < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND last_received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY agent
HAVING /*there*/
ORDER BY last_ns DESC, agent
LIMIT {limit:UInt32}
