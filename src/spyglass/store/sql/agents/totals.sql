-- Calls, tokens and cost per agent, each call counted once (calls/once.sql) and given to the nearest agent above it.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; only Array(String): agents, empty for all; limit UInt32
-- Columns: agent, model_calls, model_errors, tool_calls, tool_errors, input_tokens … reasoning_tokens, cost_usd, models, tools
WITH told AS (
  SELECT agent, model, tool, trace_id, session_id, response_id, service, kind, source, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
    reasoning_tokens, cost_usd
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
SELECT agent,
  countIf(c.kind = 'llm') AS model_calls, countIf(c.kind = 'llm' AND c.failed) AS model_errors,
  countIf(c.kind = 'tool') AS tool_calls, countIf(c.kind = 'tool' AND c.failed) AS tool_errors,
  sumIf(c.input_tokens, c.kind = 'llm') AS input_tokens, sumIf(c.output_tokens, c.kind = 'llm') AS output_tokens,
  sumIf(c.cache_read_tokens, c.kind = 'llm') AS cache_read_tokens, sumIf(c.cache_write_tokens, c.kind = 'llm') AS cache_write_tokens,
  sumIf(c.reasoning_tokens, c.kind = 'llm') AS reasoning_tokens, sum(c.cost_usd) AS cost_usd,
  arraySort(groupUniqArrayIf(20)(toString(c.model), c.model != '')) AS models, arraySort(groupUniqArrayIf(50)(toString(c.tool), c.tool != '')) AS tools
FROM told AS c
WHERE /*once*/
  AND (empty({only:Array(String)}) OR agent IN ({only:Array(String)}))
GROUP BY agent
ORDER BY cost_usd DESC, agent
LIMIT {limit:UInt32}
