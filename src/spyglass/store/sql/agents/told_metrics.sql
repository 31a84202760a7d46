-- The latest figures that an agent told of itself (events `agent.metrics`).
-- project String, agent String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; limit UInt32
-- Columns: time_ns, attributes, attribute_types
SELECT toUnixTimestamp64Nano(e.time) AS time_ns, e.attributes AS attributes, e.attribute_types AS attribute_types
FROM events AS e
WHERE project = {project:String} AND event_name = 'agent.metrics' AND agent = {agent:String}
  AND e.time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND e.time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY time_ns DESC
LIMIT {limit:UInt32}
