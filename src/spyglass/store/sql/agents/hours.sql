-- What some agents did, from the sums per hour: the hours that the time range touches, in whole. Spans and errors count arrivals.
-- project String, lo_ns and hi_ns Int64: hi not included; received_ns Int64; only Array(String): agents; limit UInt32
-- Columns: agent, runs, failed_runs, running, spans, errors, p50_ns, p95_ns (of runs), first_seen, last_seen, versions, ids, services, environments, dialects, sessions
SELECT agent, uniqExactMerge(a.runs) AS runs, uniqExactMerge(a.failed_runs) AS failed_runs,
  toUInt64(greatest(0, toInt64(uniqExactMerge(a.runs)) - toInt64(uniqExactMerge(a.ended_runs)))) AS running,
  sum(a.spans) AS spans, sum(a.errors) AS errors,
  quantilesMerge(0.5, 0.95)(a.durations_ns)[1] AS p50_ns, quantilesMerge(0.5, 0.95)(a.durations_ns)[2] AS p95_ns,
  min(a.first_seen) AS first_seen, max(a.last_seen) AS last_seen,
  arraySort(groupUniqArrayMerge(20)(a.versions)) AS versions, arraySort(groupUniqArrayMerge(20)(a.ids)) AS ids,
  arraySort(groupUniqArrayMerge(20)(a.services)) AS services, arraySort(groupUniqArrayMerge(20)(a.environments)) AS environments,
  arraySort(groupUniqArrayMerge(20)(a.dialects)) AS dialects, uniqExactMerge(a.sessions) AS sessions
FROM agents_hour AS a
WHERE project = {project:String} AND agent IN ({only:Array(String)})
  AND hour >= toStartOfHour(fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC')) AND hour < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND last_received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY agent
ORDER BY last_seen DESC, agent
LIMIT {limit:UInt32}
