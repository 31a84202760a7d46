-- What agents usually do: whole days, and single hours of the days of which only a part counts. Agents may count from a time of their own.
-- project String; lo_ns and hi_ns Int64: the range, lo the begin of a day, hi not included; today_ns Int64: the begin of the day that hi lies in;
-- hours_ns Int64: the earliest hour that may be needed; agents Array(String) and since Array(Int64): agents that count from these times (ns) only; limit UInt32
-- Columns: agent, runs, failed_runs, run_ns, durations, calls, failed_calls, input_tokens, output_tokens, cost_usd
WITH toInt64(toUnixTimestamp(begin)) * 1000000000 AS begin_ns, toInt64(toUnixTimestamp(toStartOfDay(begin))) * 1000000000 AS day_ns,
  transform(toString(agent), {agents:Array(String)}, {since:Array(Int64)}, {lo_ns:Int64}) AS from_ns
SELECT toString(agent) AS agent, sum(f.runs) AS runs, sum(f.failed_runs) AS failed_runs, sum(f.run_ns) AS run_ns, sumForEach(f.durations) AS durations,
  sum(f.calls) AS calls, sum(f.failed_calls) AS failed_calls, sum(f.input_tokens) AS input_tokens, sum(f.output_tokens) AS output_tokens, sum(f.cost_usd) AS cost_usd
FROM agent_figures AS f FINAL
WHERE project = {project:String} AND begin_ns >= {lo_ns:Int64} AND begin_ns < {hi_ns:Int64} AND begin_ns >= from_ns
  AND ((width_s = 86400 AND begin_ns < {today_ns:Int64})
    OR (width_s = 3600 AND begin_ns >= {hours_ns:Int64} AND NOT (day_ns >= from_ns AND day_ns < {today_ns:Int64})))
GROUP BY agent
ORDER BY agent
LIMIT {limit:UInt32}
