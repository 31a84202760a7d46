-- What spans and transcripts tell of the calls of some traces, each call once, and the span that it stands at.
-- project String, traces Array(String): hex; told_ns and told_last_ns Int64: when what is told of them may have arrived; limit UInt32
-- /*hours*/: where their calls may be kept, from read/whereabouts.py
-- Columns: place (of the span, as executions/skeleton.sql numbers it), kind, failed, input_tokens … reasoning_tokens, cost_usd
SELECT cityHash64(trace_id, span_id) AS place, toString(kind) AS kind, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
FROM (
  SELECT call_key, counted, source, trace_id, span_id, kind, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd
  FROM tellings
  WHERE project = {project:String} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)) AND (/*hours*/)
    AND received >= fromUnixTimestamp64Nano({told_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({told_last_ns:Int64}, 'UTC')
  ORDER BY version DESC
  LIMIT 1 BY call_key)
WHERE counted AND source IN ('span', 'transcript')
LIMIT {limit:UInt32}
