-- Models that were called with tokens and have no price.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit and skip UInt32
-- Columns: provider, model, calls, input_tokens, output_tokens, last_seen
SELECT provider, model, count() AS calls, sum(c.input_tokens) AS input_tokens, sum(c.output_tokens) AS output_tokens, max(c.start) AS last_seen
FROM tellings AS c FINAL
WHERE project = {project:String} AND counted AND cost_source = 'unknown_model'
  AND /*hours*/
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY provider, model
ORDER BY calls DESC, model
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
