-- What others than spans said lately of calls, for store/witnesses.py; latest first.
-- These are the answers to model calls in traces with a tool that failed, and records of model calls with counts that spans may leave out.
-- received_ns Int64: arrivals since; limit UInt32
-- Columns: as in the table tellings
SELECT project, call_key, version, counted, source, trace_id, span_id, start, received, duration_ns, kind, failed, error_type, provider, model, agent, agent_version, tool,
  tool_call_id, workflow, service, environment, dialect, session_id, user_id, response_id, stream, has_usage, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, reasoning_tokens, cost_usd, cost_source, price_key, cache_write_1h_tokens, time_to_first_chunk_s
FROM tellings
WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND source != 'span'
  AND ((source = 'event' AND kind = 'llm' AND session_id != '' AND (reasoning_tokens > 0 OR cache_read_tokens > 0))
    OR (source = 'message' AND trace_id IN (SELECT trace_id FROM tellings
      WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND source = 'message' AND error_type = 'tool_error')))
ORDER BY received DESC
LIMIT {limit:UInt32}
