-- Spans that match, oldest first, after a place: one page of an export, of equal keys the best copy.
-- project String, lo_ns and hi_ns Int64: start, the latter not included; received_ns Int64; after_ns Int64, after_trace and after_span String (hex): the last span
-- of the page before; limit UInt32
-- Columns: version, and those of model.schema.SPAN; times as DateTime64(9)
SELECT version, project, received, service, environment, scope_name, scope_version, scope_attributes, scope_attribute_types, scope_dropped_attributes,
  scope_schema_url, resource_attributes, resource_attribute_types, resource_dropped_attributes, resource_schema_url, resource_entity_refs, attributes,
  attribute_types, dropped_attributes, trace_id, span_id, parent_span_id, trace_state, flags, name, span_kind, start, duration_ns, original_start_ns,
  original_end_ns, status, status_message, events, links, dropped_events, dropped_links, issues, kind, operation, dialect, plumbing, pending, provider,
  request_model, response_model, model, response_id, pair_key, stream, finish_reasons, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
  reasoning_tokens, has_usage, reported_tokens, cost_usd, input_cost_usd, output_cost_usd, cost_source, reported_cost_usd, time_to_first_chunk_s, agent,
  agent_id, agent_version, workflow, tool, tool_call_id, session_id, user_id, error_type, input, output, input_messages, output_messages
FROM spans
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND start >= fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (start > fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC')
    OR (trace_id, span_id) > (toFixedString(unhex({after_trace:String}), 16), toFixedString(unhex({after_span:String}), 8)))
  AND (/*filter*/)
ORDER BY start, trace_id, span_id, version DESC
LIMIT 1 BY start, trace_id, span_id
LIMIT {limit:UInt32}
