-- Registrations of agents that arrived lately (events `agent.registered`), of all projects, in order of arrival. Those of the API are in the registry already.
-- since_ns and until_ns Int64: arrival, the first not included; limit UInt32
-- Columns: project, received_ns, time_ns, agent, agent_id, version, model, service, environment, attributes, attribute_types
SELECT toString(e.project) AS project, toUnixTimestamp64Nano(e.received) AS received_ns, toUnixTimestamp64Nano(e.time) AS time_ns, toString(e.agent) AS agent, e.agent_id AS agent_id,
  toString(e.agent_version) AS version, toString(e.request_model) AS model, toString(e.service) AS service, toString(e.environment) AS environment,
  e.attributes AS attributes, e.attribute_types AS attribute_types
FROM events AS e
WHERE e.event_name = 'agent.registered' AND e.scope_name != 'spyglass.server'
  AND e.received > fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND e.received <= fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
ORDER BY received_ns, project, agent, agent_id
LIMIT {limit:UInt32}
