-- Calls by what was called, each call counted once (calls/once.sql).
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; call_agent String: the nearest agent above, empty for all; limit and skip UInt32
-- /*called*/: the column that says what was called; /*kinds*/: which calls
-- Columns: name, providers, kinds, calls, errors, error_types, p50_ns, p95_ns, failed_ns, input_tokens … reasoning_tokens, cost_usd, failed_cost_usd, unpriced, agents,
--   services, last_seen
WITH told AS (
  SELECT call_key, start, duration_ns, trace_id, span_id, session_id, response_id, service, provider, model, agent, tool, error_type, kind, source, failed, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
SELECT toString(c./*called*/) AS name,
  arraySort(groupUniqArrayIf(10)(toString(c.provider), c.provider != '')) AS providers, arraySort(groupUniqArray(5)(toString(c.kind))) AS kinds,
  count() AS calls, countIf(c.failed) AS errors, arraySort(groupUniqArrayIf(10)(toString(c.error_type), c.error_type != '')) AS error_types,
  quantile(0.5)(c.duration_ns) AS p50_ns, quantile(0.95)(c.duration_ns) AS p95_ns, sumIf(c.duration_ns, c.failed) AS failed_ns,
  sum(c.input_tokens) AS input_tokens, sum(c.output_tokens) AS output_tokens, sum(c.cache_read_tokens) AS cache_read_tokens,
  sum(c.cache_write_tokens) AS cache_write_tokens, sum(c.reasoning_tokens) AS reasoning_tokens,
  sum(c.cost_usd) AS cost_usd, sumIf(c.cost_usd, c.failed) AS failed_cost_usd, countIf(c.cost_source = 'unknown_model') AS unpriced,
  arraySort(groupUniqArrayIf(20)(toString(c.agent), c.agent != '')) AS agents, arraySort(groupUniqArrayIf(20)(toString(c.service), c.service != '')) AS services,
  max(c.start) AS last_seen
FROM told AS c
WHERE /*once*/
  AND kind IN (/*kinds*/) AND c./*called*/ != '' AND ({call_agent:String} = '' OR agent = {call_agent:String})
  AND (/*filter*/)
GROUP BY name
ORDER BY calls DESC, name
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
