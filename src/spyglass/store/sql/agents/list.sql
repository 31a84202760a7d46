-- Agents that were active, as they were seen: told by spans, or by log records.
-- project String, lo_ns and hi_ns Int64: start or time, hi not included; received_ns Int64; limit and skip UInt32
-- only Array(String): agents, empty for all; /*events*/: which log records tell of agents too
-- Columns: agent, runs, failed_runs, running, spans, errors, p50_ns, p95_ns (of runs), first_seen, last_seen, versions, ids, services, environments, dialects, sessions
SELECT agent, uniqExactIf((s.trace_id, s.span_id), s.run) AS runs, uniqExactIf((s.trace_id, s.span_id), s.run AND s.failed) AS failed_runs,
  toUInt64(uniqExactIf((s.trace_id, s.span_id), s.run) - uniqExactIf((s.trace_id, s.span_id), s.run AND NOT s.unfinished)) AS running,
  uniqExactIf((s.trace_id, s.span_id), s.span) AS spans, uniqExactIf((s.trace_id, s.span_id), s.span AND s.failed) AS errors,
  quantileIf(0.5)(s.lasted_ns, s.run AND NOT s.unfinished) AS p50_ns, quantileIf(0.95)(s.lasted_ns, s.run AND NOT s.unfinished) AS p95_ns,
  min(s.at) AS first_seen, max(s.at + toIntervalNanosecond(s.lasted_ns)) AS last_seen,
  arraySort(groupUniqArrayIf(20)(toString(s.agent_version), s.agent_version != '')) AS versions,
  arraySort(groupUniqArrayIf(20)(s.agent_id, s.agent_id != '')) AS ids,
  arraySort(groupUniqArrayIf(20)(toString(s.service), s.service != '')) AS services,
  arraySort(groupUniqArrayIf(20)(toString(s.environment), s.environment != '')) AS environments,
  arraySort(groupUniqArrayIf(20)(toString(s.dialect), s.dialect != '')) AS dialects,
  uniqExactIf(s.session_id, s.session_id != '') AS sessions
FROM (
  SELECT agent, trace_id, span_id, true AS span, kind = 'agent' AS run, status = 'error' AS failed, pending AS unfinished, start AS at, duration_ns AS lasted_ns, agent_version, agent_id, service,
    environment, dialect, session_id
  FROM spans
  WHERE project = {project:String} AND agent != '' AND (empty({only:Array(String)}) OR agent IN ({only:Array(String)}))
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  UNION ALL
  SELECT agent, trace_id, span_id, false AS span, false AS run, false AS failed, false AS unfinished, time AS at, toUInt64(0) AS lasted_ns, agent_version, agent_id, service,
    environment, dialect, session_id
  FROM events
  WHERE /*events*/ AND project = {project:String} AND agent != '' AND (scope_name != 'spyglass.server' OR event_name = 'agent.metrics')
    AND (empty({only:Array(String)}) OR agent IN ({only:Array(String)}))
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')) AS s
GROUP BY agent
ORDER BY last_seen DESC, agent
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
