-- Calls as spans stand for them now, whole, for store/twins.py; in order of time.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit UInt32
-- Columns: as in the table tellings
SELECT project, hour, call_key, version, counted, source, trace_id, span_id, start, received, duration_ns, kind, failed, error_type, provider, model, agent, agent_version, tool,
  tool_call_id, workflow, service, environment, dialect, session_id, user_id, response_id, stream, has_usage, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, reasoning_tokens, cost_usd, cost_source, price_key, cache_write_1h_tokens, time_to_first_chunk_s
FROM tellings FINAL
WHERE project = {project:String} AND counted AND source = 'span' AND kind IN ('llm', 'embedding', 'tool')
  AND /*hours*/
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY start
LIMIT {limit:UInt32}
