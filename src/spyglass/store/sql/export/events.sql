-- Log records and events that match, oldest first, after a place: one page of an export.
-- project String, lo_ns and hi_ns Int64: time, the latter not included; received_ns Int64; after_ns Int64 and after_id String (hex): the last event of the page
-- before; limit UInt32
-- Columns: those of model.schema.EVENT; times as DateTime64(9)
SELECT project, received, service, environment, scope_name, scope_version, scope_attributes, scope_attribute_types, scope_dropped_attributes,
  scope_schema_url, resource_attributes, resource_attribute_types, resource_dropped_attributes, resource_schema_url, resource_entity_refs, attributes,
  attribute_types, dropped_attributes, event_id, trace_id, span_id, flags, time, observed_time, original_time_ns, event_name, severity_number,
  severity_text, severity, body, body_type, source, execution_id, issues, kind, operation, dialect, provider, request_model, response_model, model,
  response_id, stream, finish_reasons, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, has_usage, cost_usd,
  input_cost_usd, output_cost_usd, cost_source, reported_cost_usd, time_to_first_chunk_s, agent, agent_id, agent_version, workflow, tool, tool_call_id,
  session_id, user_id, error_type, input, output, input_messages, output_messages, status, duration_ns
FROM events
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND time >= fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (time > fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC') OR event_id > toFixedString(unhex({after_id:String}), 16))
  AND (/*filter*/)
ORDER BY time, event_id
LIMIT 1 BY time, event_id
LIMIT {limit:UInt32}
