-- One span whole: its newest copy with every column.
-- project String, traces Array(String): its trace (hex); span String (hex); received_ns and last_received_ns Int64: when the trace arrived
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: as in the table spans; times in ns since 1970
SELECT project, received, version, trace_id, span_id, parent_span_id, trace_state, flags, name, span_kind, start, duration_ns, original_start_ns, original_end_ns,
  status, status_message, kind, operation, dialect, plumbing, pending, provider, request_model, response_model, model, response_id, stream, finish_reasons,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, has_usage, reported_tokens, cost_usd, input_cost_usd, output_cost_usd,
  cost_source, reported_cost_usd, time_to_first_chunk_s, agent, agent_id, agent_version, workflow, tool, tool_call_id, session_id, user_id, error_type, input, output,
  input_messages, output_messages, service, environment, scope_name, scope_version, scope_attributes, scope_attribute_types, scope_dropped_attributes,
  scope_schema_url, resource_attributes, resource_attribute_types, resource_dropped_attributes, resource_schema_url, resource_entity_refs, attributes, attribute_types,
  dropped_attributes, events, links, dropped_events, dropped_links, issues
FROM spans AS s
WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16) AND span_id = toFixedString(unhex({span:String}), 8)
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
ORDER BY version DESC
LIMIT 1
