-- Calls of models and tools per bucket of time, agent and callee, each call counted once (calls/once.sql).
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; bucket_s UInt32; limit UInt32
-- Columns: bucket (unix s), caller (agent; empty: of none), kind (llm, embedding, tool), callee (model or tool), count, errors, mean_ns, p95_ns
WITH told AS (
  SELECT call_key, start, duration_ns, trace_id, span_id, session_id, response_id, user_id, service, environment, dialect, provider, model, agent, tool, workflow, error_type, kind,
    source, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
SELECT toUnixTimestamp(toStartOfInterval(start, toIntervalSecond({bucket_s:UInt32}))) AS bucket, toString(c.agent) AS caller, toString(c.kind) AS kind,
  if(c.kind = 'tool', toString(c.tool), toString(c.model)) AS callee, count() AS count, countIf(c.failed) AS errors, avg(c.duration_ns) AS mean_ns,
  quantile(0.95)(c.duration_ns) AS p95_ns
FROM told AS c
WHERE /*once*/
GROUP BY bucket, caller, kind, callee
ORDER BY count DESC, bucket, caller, kind, callee
LIMIT {limit:UInt32}
