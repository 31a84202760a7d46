-- Agents as they were seen: runs, errors, durations, who they are.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit and skip UInt32
-- Columns: agent, runs, failed_runs, running, spans, errors, p50_ns, p95_ns (of runs), first_seen, last_seen, versions, ids, services, dialects, tools, sessions
SELECT agent, uniqExactIf((s.trace_id, s.span_id), s.kind = 'agent') AS runs,
  uniqExactIf((s.trace_id, s.span_id), s.kind = 'agent' AND s.status = 'error') AS failed_runs,
  toUInt64(uniqExactIf((s.trace_id, s.span_id), s.kind = 'agent') - uniqExactIf((s.trace_id, s.span_id), s.kind = 'agent' AND NOT s.pending)) AS running,
  uniqExact(s.trace_id, s.span_id) AS spans, uniqExactIf((s.trace_id, s.span_id), s.status = 'error') AS errors,
  quantileIf(0.5)(s.duration_ns, s.kind = 'agent' AND NOT s.pending) AS p50_ns, quantileIf(0.95)(s.duration_ns, s.kind = 'agent' AND NOT s.pending) AS p95_ns,
  min(s.start) AS first_seen, max(s.start + toIntervalNanosecond(s.duration_ns)) AS last_seen,
  arraySort(groupUniqArrayIf(20)(toString(s.agent_version), s.agent_version != '')) AS versions,
  arraySort(groupUniqArrayIf(20)(s.agent_id, s.agent_id != '')) AS ids,
  arraySort(groupUniqArrayIf(20)(toString(s.service), s.service != '')) AS services,
  arraySort(groupUniqArrayIf(20)(toString(s.dialect), s.dialect != '')) AS dialects,
  uniqExactIf(s.session_id, s.session_id != '') AS sessions
FROM spans AS s
WHERE project = {project:String} AND agent != ''
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY agent
ORDER BY last_seen DESC, agent
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
