-- Whether telemetry tells of an agent.
-- project String, agent String, received_ns Int64: the earliest arrival; limit UInt32
-- Columns: agent
SELECT agent
FROM agents_hour
WHERE project = {project:String} AND agent = {agent:String} AND last_received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
LIMIT {limit:UInt32}
