-- Findings of analyzers one by one, in the order of their arrival.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; since_ns and until_ns Int64: arrival, until not included; limit UInt32
-- Columns: time_ns and received_ns (since 1970), body, attributes, agent, tool, model, service, environment, session_id, user_id, execution_id
SELECT toUnixTimestamp64Nano(e.time) AS time_ns, toUnixTimestamp64Nano(e.received) AS received_ns, e.body AS body, e.attributes AS attributes, toString(e.agent) AS agent, toString(e.tool) AS tool,
  toString(e.model) AS model, toString(e.service) AS service, toString(e.environment) AS environment, toString(e.session_id) AS session_id, toString(e.user_id) AS user_id, toString(e.execution_id) AS execution_id
FROM events AS e
WHERE project = {project:String} AND e.event_name = 'finding' AND e.scope_name = 'spyglass.server'
  AND e.time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND e.time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND e.received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND e.received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND e.received < fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
  AND (/*filter*/)
ORDER BY e.received, e.event_id
LIMIT 1 BY e.event_id
LIMIT {limit:UInt32}
