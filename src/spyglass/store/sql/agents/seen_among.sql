-- When some agents were last seen, and how much arrived of all the others, from the sums per hour: the hours that the time range touches, in whole.
-- project String, lo_ns and hi_ns Int64: hi not included; received_ns Int64; only Array(String): agents; limit UInt32
-- Columns: agent (empty: the others), last_ns, arrived (records)
SELECT if(a.agent IN ({only:Array(String)}), a.agent, '') AS agent, toUnixTimestamp64Nano(max(a.last_seen)) AS last_ns, sum(a.arrived) AS arrived
FROM agents_hour AS a
WHERE project = {project:String}
  AND hour >= toStartOfHour(fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC')) AND hour < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND last_received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY agent
ORDER BY last_ns DESC, agent
LIMIT {limit:UInt32}
