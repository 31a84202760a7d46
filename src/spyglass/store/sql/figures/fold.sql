-- What agents did in a window, from the narrower windows within it.
-- project String; width_s UInt32: of the narrower windows; lo_ns and hi_ns Int64: of the wider one; limit UInt32
-- Columns: agent, runs, failed_runs, run_ns, durations, calls, failed_calls, input_tokens, output_tokens, cost_usd
SELECT toString(agent) AS agent, sum(f.runs) AS runs, sum(f.failed_runs) AS failed_runs, sum(f.run_ns) AS run_ns, sumForEach(f.durations) AS durations,
  sum(f.calls) AS calls, sum(f.failed_calls) AS failed_calls, sum(f.input_tokens) AS input_tokens, sum(f.output_tokens) AS output_tokens, sum(f.cost_usd) AS cost_usd
FROM agent_figures AS f FINAL
WHERE project = {project:String} AND width_s = {width_s:UInt32}
  AND begin >= toDateTime(intDiv({lo_ns:Int64}, 1000000000), 'UTC') AND begin < toDateTime(intDiv({hi_ns:Int64}, 1000000000), 'UTC')
GROUP BY agent
ORDER BY agent
LIMIT {limit:UInt32}
