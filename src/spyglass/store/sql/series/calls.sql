-- Calls, tokens and cost per bucket of time and group, each call counted once (calls/once.sql).
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; bucket_s UInt32; limit UInt32
-- /*group*/: the group as an array of text
-- Columns: bucket (unix s), groups, count, errors, input_tokens … reasoning_tokens, cost_usd, quantiles_ns (0.5 0.9 0.95 0.99)
WITH told AS (
  SELECT call_key, start, duration_ns, trace_id, span_id, session_id, response_id, user_id, service, environment, dialect, provider, model, agent, agent_version, tool, workflow, error_type, kind,
    source, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
SELECT toUnixTimestamp(toStartOfInterval(start, toIntervalSecond({bucket_s:UInt32}))) AS bucket, /*group*/ AS groups, count() AS count,
  countIf(failed) AS errors, sum(c.input_tokens) AS input_tokens, sum(c.output_tokens) AS output_tokens, sum(c.cache_read_tokens) AS cache_read_tokens,
  sum(c.cache_write_tokens) AS cache_write_tokens, sum(c.reasoning_tokens) AS reasoning_tokens, sum(c.cost_usd) AS cost_usd,
  quantiles(0.5, 0.9, 0.95, 0.99)(c.duration_ns) AS quantiles_ns
FROM told AS c
WHERE /*once*/
  AND (/*filter*/)
GROUP BY bucket, groups
ORDER BY bucket, groups
LIMIT {limit:UInt32}
