-- Everything that is told of the calls of one trace, each call once, and the span that it stands at.
-- project String, traces Array(String): its id in hex; told_ns and told_last_ns Int64: when what is told of it may have arrived; limit UInt32
-- /*hours*/: where its calls may be kept, from read/whereabouts.py
-- Columns: source, span_id, kind, failed, input_tokens … reasoning_tokens, cost_usd
SELECT toString(source) AS source, span_id, toString(kind) AS kind, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
FROM (
  SELECT call_key, counted, source, span_id, kind, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
  FROM tellings
  WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16) AND (/*hours*/)
    AND received >= fromUnixTimestamp64Nano({told_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({told_last_ns:Int64}, 'UTC')
  ORDER BY version DESC
  LIMIT 1 BY call_key)
WHERE counted
LIMIT {limit:UInt32}
