-- The lean spans of one trace, every copy of each.
-- project String, traces Array(String): its id in hex; received_ns and last_received_ns Int64: when it arrived; limit UInt32
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: as named; times in ns; name and status_message: the begin; input and output: the begin, of a root only
SELECT span_id, parent_span_id, version, toUnixTimestamp64Nano(start) AS start, duration_ns, leftUTF8(s.name, 1000) AS name, kind, operation, span_kind, status, error_type, plumbing, pending,
  service, agent, model, provider, tool, tool_call_id, session_id, dialect, input_tokens, output_tokens, cache_read_tokens, has_usage, reported_tokens, cost_usd, cost_source,
  time_to_first_chunk_s, issues, length(input_messages) AS inputs, length(output_messages) AS outputs, length(events) AS events, length(links) AS links,
  user_id, environment, leftUTF8(s.status_message, 1000) AS status_message, if(s.parent_span_id = toFixedString('', 8), leftUTF8(s.input, 300), '') AS input,
  if(s.parent_span_id = toFixedString('', 8), leftUTF8(s.output, 300), '') AS output
FROM spans AS s
WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16)
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
ORDER BY start, span_id
LIMIT {limit:UInt32}
