-- Calls, tokens and cost in windows that overlap: each ends a step after the one before. Each call counts once (calls/once.sql).
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; first_ns Int64: end of the first window; window_ns and step_ns Int64; steps UInt32: how many; limit UInt32
-- /*group*/: the group as an array of text
-- Columns: step (number of the window, from 0), groups, count, errors, input_tokens, output_tokens, cost_usd, quantiles_s (0.5 0.9 0.95 0.99)
WITH told AS (
  SELECT call_key, start, duration_ns, trace_id, span_id, session_id, response_id, user_id, service, environment, dialect, provider, model, agent, tool, workflow, error_type, kind,
    source, failed, input_tokens, output_tokens, cost_usd, toUnixTimestamp64Nano(start) - ({first_ns:Int64} - {window_ns:Int64}) AS since
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
SELECT arrayJoin(range(
    toUInt32(if(since < {window_ns:Int64}, 0, intDiv(since - {window_ns:Int64}, {step_ns:Int64}) + 1)),
    toUInt32(least(toInt64({steps:UInt32}) - 1, intDiv(since, {step_ns:Int64})) + 1))) AS step,
  /*group*/ AS groups, count() AS count, countIf(failed) AS errors, sum(c.input_tokens) AS input_tokens, sum(c.output_tokens) AS output_tokens,
  sum(c.cost_usd) AS cost_usd, quantiles(0.5, 0.9, 0.95, 0.99)(c.duration_ns / 1e9) AS quantiles_s
FROM told AS c
WHERE /*once*/
  AND (/*filter*/)
GROUP BY step, groups
ORDER BY step, count DESC, groups
LIMIT {limit:UInt32}
