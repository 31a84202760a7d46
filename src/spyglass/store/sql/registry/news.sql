-- Traces in which spans of agents or model calls arrived lately, of all projects; of many that look alike only the latest.
-- since_ns and until_ns Int64: arrival, the first not included; alike and limit UInt32
-- Columns: project, trace (hex), received_ns (the latest)
SELECT project, trace, received_ns
FROM (
  SELECT s.project AS project, lower(hex(s.trace_id)) AS trace, toUnixTimestamp64Nano(max(s.received)) AS received_ns, anyIf(toString(s.agent), s.agent != '') AS agent,
    any(toString(s.service)) AS service, anyIf(toString(s.agent_version), s.agent_version != '') AS version
  FROM spans AS s
  WHERE s.received > fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND s.received <= fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
    AND s.kind IN ('agent', 'llm', 'create_agent')
  GROUP BY project, trace
  ORDER BY received_ns DESC, trace
  LIMIT {alike:UInt32} BY project, agent, service, version
)
ORDER BY received_ns DESC, trace
LIMIT {limit:UInt32}
