-- Spans that match, latest first: one window of time of the list. Of copies of a span the best one (the inner limit keeps the read short).
-- project String, lo_ns and hi_ns Int64: start, both included; received_ns Int64; before_ns Int64 and before_place String: end of the page before, exclusive;
-- limit UInt32, copies UInt32: most rows that are read
-- Columns: as named; of texts that may be long the begin; times as DateTime64(9); start_ns and place: where the span stands in the order; copies: rows that were read
SELECT trace_id, span_id, parent_span_id, start, duration_ns, leftUTF8(name, 1000) AS name, kind, operation, span_kind, status,
  leftUTF8(status_message, 1000) AS status_message, error_type, plumbing, pending, service,
  environment, agent, model, provider, tool, workflow, session_id, user_id, dialect, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
  reasoning_tokens, has_usage, cost_usd, cost_source, time_to_first_chunk_s, stream, finish_reasons, issues, input, output, start_ns, place,
  count() OVER () AS copies
FROM (
  SELECT trace_id, span_id, parent_span_id, start, duration_ns, name, kind, operation, span_kind, status, status_message, error_type, plumbing, pending, service,
    environment, agent, model, provider, tool, workflow, session_id, user_id, dialect, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
    reasoning_tokens, has_usage, cost_usd, cost_source, time_to_first_chunk_s, stream, finish_reasons, issues, leftUTF8(input, 300) AS input,
    leftUTF8(output, 300) AS output, toUnixTimestamp64Nano(start) AS start_ns, concat(hex(span_id), hex(trace_id)) AS place, version
  FROM spans
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (start_ns, place) < ({before_ns:Int64}, {before_place:String})
    AND (/*filter*/)
  ORDER BY start DESC, place DESC
  LIMIT {copies:UInt32})
ORDER BY start DESC, place DESC, version DESC
LIMIT 1 BY trace_id, span_id
LIMIT {limit:UInt32}
