-- What agents of some projects did in some windows of ten minutes. Agents that were told of before and are not any more have zeros.
-- projects Array(String): one alone where /*once*/ is calls/once.sql, whose sessions and traces are those of a project; slots Array(Int64): numbers of the windows; lo_ns and hi_ns Int64: from the first one to the end of the last; received_ns Int64: earliest arrival
-- of what ended or started there; limit UInt32
-- Columns: project, slot, agent, runs, failed_runs, run_ns, durations, calls, failed_calls, input_tokens, output_tokens, cost_usd
WITH told AS (
  SELECT project, call_key, agent, start, kind, source, failed, trace_id, session_id, response_id, service, input_tokens, output_tokens, cost_usd
  FROM tellings FINAL
  WHERE project IN {projects:Array(String)} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
SELECT toString(project) AS project, slot, agent, sum(f.runs) AS runs, sum(f.failed_runs) AS failed_runs, sum(f.run_ns) AS run_ns, sumForEach(f.durations) AS durations,
  sum(f.calls) AS calls, sum(f.failed_calls) AS failed_calls, sum(f.input_tokens) AS input_tokens, sum(f.output_tokens) AS output_tokens, sum(f.cost_usd) AS cost_usd
FROM (
  SELECT project, intDiv(ended.at_ns, 600000000000) AS slot, agent, count() AS runs, countIf(ended.outcome = 'failed') AS failed_runs, sum(lasted_ns) AS run_ns,
    sumForEach(arrayMap(place -> toUInt64(place = bucket), range(bucket + 1))) AS durations,
    toUInt64(0) AS calls, toUInt64(0) AS failed_calls, toUInt64(0) AS input_tokens, toUInt64(0) AS output_tokens, toFloat64(0) AS cost_usd
  FROM (
    SELECT project, agent, ended, if(bitShiftRight(begin, 61) < 3, toUInt64(greatest(0, ended.at_ns - toInt64(bitAnd(begin, 2305843009213693951)))), 0) AS lasted_ns,
      toUInt64(least(70, greatest(0, ceil(3 * log2(greatest(lasted_ns, 1) / 10000000))))) AS bucket
    FROM (
      SELECT project, id, max(r.agent) AS agent, min(r.ended) AS ended, min(r.begin) AS begin
      FROM runs AS r
      WHERE project IN {projects:Array(String)} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
        AND (project, key, id) IN (
          SELECT project, key, id FROM runs
          WHERE project IN {projects:Array(String)} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
            AND intDiv(ended.at_ns, 600000000000) IN ({slots:Array(Int64)}))
      GROUP BY project, key, id)
    WHERE ended.outcome != 'cancelled' AND agent != '' AND intDiv(ended.at_ns, 600000000000) IN ({slots:Array(Int64)}))
  GROUP BY project, slot, agent
  UNION ALL
  SELECT project, intDiv(toUnixTimestamp64Nano(start), 600000000000) AS slot, toString(agent) AS agent, 0 AS runs, 0 AS failed_runs, 0 AS run_ns,
    CAST([], 'Array(UInt64)') AS durations, countIf(kind IN ('llm', 'tool')) AS calls, countIf(kind IN ('llm', 'tool') AND failed) AS failed_calls,
    sumIf(c.input_tokens, kind = 'llm') AS input_tokens, sumIf(c.output_tokens, kind = 'llm') AS output_tokens, sum(c.cost_usd) AS cost_usd
  FROM told AS c
  WHERE agent != '' AND slot IN ({slots:Array(Int64)}) AND /*once*/
  GROUP BY project, slot, agent
  UNION ALL
  SELECT project, intDiv(toInt64(toUnixTimestamp(begin)), 600) AS slot, toString(agent) AS agent, 0, 0, 0, CAST([], 'Array(UInt64)'), 0, 0, 0, 0, 0.0
  FROM agent_figures
  WHERE project IN {projects:Array(String)} AND width_s = 600 AND begin >= toDateTime(intDiv({lo_ns:Int64}, 1000000000), 'UTC') AND begin < toDateTime(intDiv({hi_ns:Int64}, 1000000000), 'UTC')
    AND slot IN ({slots:Array(Int64)})) AS f
GROUP BY project, slot, agent
ORDER BY project, slot, agent
LIMIT {limit:UInt32}
