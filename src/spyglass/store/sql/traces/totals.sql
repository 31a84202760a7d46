-- Calls, tokens and cost of some traces, each call counted once (calls/once.sql).
-- project String, traces Array(String): hex; told_ns and told_last_ns Int64: when what is told of them may have arrived
-- Columns: trace_id, model_calls, model_errors, tool_calls, tool_errors, input_tokens … reasoning_tokens, cost_usd
-- unbounded: the traces are named. The best row of a call is chosen here and not by FINAL, which would read the calls of every trace
WITH told AS (
  SELECT trace_id, session_id, response_id, service, kind, source, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
  FROM (
    SELECT call_key, counted, trace_id, session_id, response_id, service, kind, source, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
    FROM tellings
    WHERE project = {project:String}
      AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
      AND (/*hours*/)
      AND received >= fromUnixTimestamp64Nano({told_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({told_last_ns:Int64}, 'UTC')
    ORDER BY version DESC
    LIMIT 1 BY call_key)
  WHERE counted)
SELECT trace_id,
  countIf(c.kind = 'llm') AS model_calls, countIf(c.kind = 'llm' AND c.failed) AS model_errors,
  countIf(c.kind = 'tool') AS tool_calls, countIf(c.kind = 'tool' AND c.failed) AS tool_errors,
  sumIf(c.input_tokens, c.kind = 'llm') AS input_tokens, sumIf(c.output_tokens, c.kind = 'llm') AS output_tokens,
  sumIf(c.cache_read_tokens, c.kind = 'llm') AS cache_read_tokens, sumIf(c.cache_write_tokens, c.kind = 'llm') AS cache_write_tokens,
  sumIf(c.reasoning_tokens, c.kind = 'llm') AS reasoning_tokens, sum(c.cost_usd) AS cost_usd
FROM told AS c
WHERE (source = 'transcript' OR /*once*/)
GROUP BY trace_id
