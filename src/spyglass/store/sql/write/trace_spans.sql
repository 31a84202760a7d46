-- The lean spans of some traces, every copy of each, for telling their calls; of the attributes those that prices depend on (model/billing.py).
-- traces Array(String): ids in hex; received_ns Int64: the earliest arrival among them
-- unbounded: a trace is told as a whole, however large
SELECT project, version, trace_id, span_id, parent_span_id, start, received, duration_ns, kind, status, error_type, provider, model, agent, agent_version, tool, workflow,
  service, environment, dialect, session_id, user_id, response_id, pair_key, tool_call_id, stream, has_usage, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, reasoning_tokens, cost_usd, cost_source, time_to_first_chunk_s, pending, request_model,
  mapFilter((key, value) -> key LIKE '%service_tier' OR key LIKE '%1h%tokens', attributes) AS attributes
FROM spans
WHERE trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)) AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
