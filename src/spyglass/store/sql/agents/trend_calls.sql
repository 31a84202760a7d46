-- Calls, tokens and cost of an agent per bucket of time, each call counted once (calls/once.sql) and given to the nearest agent above it.
-- project String, call_agent String, lo_ns and hi_ns Int64: start, hi not included; origin_s Int64: where buckets are counted from; received_ns Int64; bucket_s UInt32; limit UInt32
-- Columns: bucket (number, 0 the first), model_calls, tool_calls, input_tokens, output_tokens, cost_usd
WITH told AS (
  SELECT agent, start, trace_id, session_id, response_id, service, kind, source, input_tokens, output_tokens, cost_usd
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
SELECT intDiv(toInt64(toUnixTimestamp(c.start)) - {origin_s:Int64}, {bucket_s:UInt32}) AS bucket, countIf(c.kind = 'llm') AS model_calls, countIf(c.kind = 'tool') AS tool_calls,
  sumIf(c.input_tokens, c.kind = 'llm') AS input_tokens, sumIf(c.output_tokens, c.kind = 'llm') AS output_tokens, sum(c.cost_usd) AS cost_usd
FROM told AS c
WHERE /*once*/
  AND agent = {call_agent:String}
GROUP BY bucket
ORDER BY bucket
LIMIT {limit:UInt32}
