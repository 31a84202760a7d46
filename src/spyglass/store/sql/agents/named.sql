-- Names of the agents that carry an id (`gen_ai.agent.id`), latest first.
-- project String, agent_id String, lo_ns Int64: since; received_ns Int64; limit UInt32
-- Columns: agent
SELECT agent
FROM agents_hour AS a
WHERE project = {project:String} AND hour >= toStartOfHour(fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC'))
  AND last_received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND has(finalizeAggregation(a.ids), {agent_id:String})
GROUP BY agent
ORDER BY max(a.last_seen) DESC, agent
LIMIT {limit:UInt32}
