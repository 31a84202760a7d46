-- The lean spans of some traces, newest copy of each, for telling their calls.
-- traces Array(FixedString(16)), received DateTime64(9): the earliest arrival among them
-- unbounded: a trace is told as a whole, however large
SELECT project, version, trace_id, span_id, parent_span_id, start, received, duration_ns, kind, status, error_type, provider, model, agent, tool, workflow,
  service, environment, dialect, session_id, user_id, response_id, pair_key, tool_call_id, stream, has_usage, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, reasoning_tokens, cost_usd, cost_source, time_to_first_chunk_s, pending
FROM spans
WHERE trace_id IN {traces:Array(FixedString(16))} AND received >= {received:DateTime64(9, 'UTC')}
