-- A fragment: calls, each once (calls/once.sql), and runs of agents as their latest copy tells them. Needs the CTE `told` of the file that it is put into.
-- project String; lo_ns and hi_ns Int64: start, hi not included; received_ns Int64
-- unbounded: as bounded as what it is put into
-- Columns: at_s (start, unix s), kind, agent, agent_version, model, tool, received, ended, failed, duration_ns, input_tokens … reasoning_tokens, cost_usd, first_token_s
SELECT toUnixTimestamp(c.start) AS at_s, c.kind AS kind, c.agent AS agent, c.agent_version AS agent_version, c.model AS model, c.tool AS tool, c.received AS received,
  true AS ended, c.failed AS failed, c.duration_ns AS duration_ns, c.input_tokens AS input_tokens, c.output_tokens AS output_tokens, c.cache_read_tokens AS cache_read_tokens,
  c.cache_write_tokens AS cache_write_tokens, c.reasoning_tokens AS reasoning_tokens, c.cost_usd AS cost_usd, toFloat64(c.time_to_first_chunk_s) AS first_token_s
FROM told AS c
WHERE /*once*/
UNION ALL
SELECT toUnixTimestamp(run.1) AS at_s, toLowCardinality('agent') AS kind, run.2 AS agent, run.3 AS agent_version, toLowCardinality('') AS model, toLowCardinality('') AS tool,
  first_received AS received, NOT run.4 AS ended, run.5 = 'error' AS failed, run.6 AS duration_ns, toUInt64(0) AS input_tokens, toUInt64(0) AS output_tokens,
  toUInt64(0) AS cache_read_tokens, toUInt64(0) AS cache_write_tokens, toUInt64(0) AS reasoning_tokens, toFloat64(0) AS cost_usd, toFloat64(0) AS first_token_s
FROM (
  SELECT argMax((s.start, s.agent, s.agent_version, s.pending, s.status, s.duration_ns), s.version) AS run, min(s.received) AS first_received
  FROM spans AS s
  WHERE s.project = {project:String} AND s.kind = 'agent'
    AND s.start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND s.start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND s.received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY s.trace_id, s.span_id)
