-- What agents of some projects did in wide windows, from the narrower windows within them.
-- projects Array(String); width_s UInt32: of the narrower windows; wide_s Int64; numbers Array(Int64): of the wide windows, since 1970; lo_ns and hi_ns Int64: from the first
-- one to the end of the last; limit UInt32
-- Columns: project, window (number), agent, runs, failed_runs, run_ns, durations, calls, failed_calls, input_tokens, output_tokens, cost_usd
SELECT toString(project) AS project, intDiv(toInt64(toUnixTimestamp(begin)), {wide_s:Int64}) AS window, toString(agent) AS agent,
  sum(f.runs) AS runs, sum(f.failed_runs) AS failed_runs, sum(f.run_ns) AS run_ns, sumForEach(f.durations) AS durations,
  sum(f.calls) AS calls, sum(f.failed_calls) AS failed_calls, sum(f.input_tokens) AS input_tokens, sum(f.output_tokens) AS output_tokens, sum(f.cost_usd) AS cost_usd
FROM agent_figures AS f FINAL
WHERE project IN {projects:Array(String)} AND width_s = {width_s:UInt32} AND window IN {numbers:Array(Int64)}
  AND begin >= toDateTime(intDiv({lo_ns:Int64}, 1000000000), 'UTC') AND begin < toDateTime(intDiv({hi_ns:Int64}, 1000000000), 'UTC')
GROUP BY project, window, agent
ORDER BY project, window, agent
LIMIT {limit:UInt32}
