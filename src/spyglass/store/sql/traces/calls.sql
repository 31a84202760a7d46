-- The calls of one trace that spans tell of, each counted once, and the span that each stands at.
-- project String, traces Array(String): its id in hex; received_ns and last_received_ns Int64: when it arrived; limit UInt32
-- /*hours*/: where its calls may be kept, from read/whereabouts.py
-- Columns: span_id, kind, input_tokens, output_tokens, cost_usd
SELECT span_id, toString(kind) AS kind, input_tokens, output_tokens, cost_usd
FROM (
  SELECT call_key, counted, source, span_id, kind, input_tokens, output_tokens, cost_usd
  FROM tellings
  WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16) AND (/*hours*/)
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  ORDER BY version DESC
  LIMIT 1 BY call_key)
WHERE counted AND source = 'span'
LIMIT {limit:UInt32}
