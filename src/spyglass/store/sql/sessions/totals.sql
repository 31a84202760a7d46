-- Calls, tokens and cost of some sessions, each call counted once (calls/once.sql).
-- project String, sessions Array(String)
-- Columns: session_id, model_calls, model_errors, tool_calls, tool_errors, input_tokens … reasoning_tokens, cost_usd, start, end
-- unbounded: the sessions are named. The best row of a call is chosen here and not by FINAL, which would read the calls of every session
WITH told AS (
  SELECT session_id, trace_id, response_id, service, kind, source, failed, start, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
  FROM (
    SELECT call_key, counted, session_id, trace_id, response_id, service, kind, source, failed, start, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
    FROM tellings
    WHERE project = {project:String} AND session_id IN ({sessions:Array(String)})
    ORDER BY version DESC
    LIMIT 1 BY call_key)
  WHERE counted)
SELECT session_id,
  countIf(c.kind = 'llm') AS model_calls, countIf(c.kind = 'llm' AND c.failed) AS model_errors,
  countIf(c.kind = 'tool') AS tool_calls, countIf(c.kind = 'tool' AND c.failed) AS tool_errors,
  sumIf(c.input_tokens, c.kind = 'llm') AS input_tokens, sumIf(c.output_tokens, c.kind = 'llm') AS output_tokens,
  sumIf(c.cache_read_tokens, c.kind = 'llm') AS cache_read_tokens, sumIf(c.cache_write_tokens, c.kind = 'llm') AS cache_write_tokens,
  sumIf(c.reasoning_tokens, c.kind = 'llm') AS reasoning_tokens, sum(c.cost_usd) AS cost_usd, min(c.start) AS start, max(c.start) AS end
FROM told AS c
WHERE /*once*/
GROUP BY session_id
