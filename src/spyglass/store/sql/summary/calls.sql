-- Model calls, tools, tokens and cost, each call counted once (calls/once.sql).
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64
-- Columns: model_calls, model_errors, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, embeddings, tool_calls, tool_errors,
--   cost_usd, models (array), without_usage (successful model calls that told no tokens), unpriced (calls with tokens and no price)
WITH told AS (
  SELECT call_key, kind, failed, source, service, session_id, trace_id, span_id, response_id, model, has_usage, cost_usd, cost_source, input_tokens, output_tokens, cache_read_tokens,
    cache_write_tokens, reasoning_tokens
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
SELECT countIf(kind = 'llm') AS model_calls, countIf(kind = 'llm' AND failed) AS model_errors,
  sumIf(input_tokens, kind = 'llm') AS input_tokens, sumIf(output_tokens, kind = 'llm') AS output_tokens,
  sumIf(cache_read_tokens, kind = 'llm') AS cache_read_tokens, sumIf(cache_write_tokens, kind = 'llm') AS cache_write_tokens,
  sumIf(reasoning_tokens, kind = 'llm') AS reasoning_tokens, countIf(kind = 'embedding') AS embeddings,
  countIf(kind = 'tool') AS tool_calls, countIf(kind = 'tool' AND failed) AS tool_errors, sum(cost_usd) AS cost_usd,
  arraySort(groupUniqArrayIf(10000)(toString(model), model != '' AND kind = 'llm')) AS models,
  countIf(kind = 'llm' AND NOT failed AND NOT has_usage) AS without_usage, countIf(cost_source = 'unknown_model') AS unpriced
FROM told
WHERE /*once*/
  AND (/*filter*/)
LIMIT 1
