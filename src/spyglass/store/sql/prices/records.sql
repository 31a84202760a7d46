-- Records of calls whose cost was computed here, every copy of each, with what their price depends on (model/billing.py); one page, in the order of the table.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; after_ns Int64 and after String (hex): start and key of the last record of the
-- page before, with which this one begins, as it may have more copies; limit UInt32
-- /*table*/, /*time*/, /*key*/, /*id*/: spans or events, when they began, the rest of the sorting key, and the number that a row is known by
-- Columns: id, key, start, kind, has_usage, provider, model, request_model, input_tokens … reasoning_tokens, attributes, reported_cost_usd, cost_usd, cost_source
SELECT /*id*/ AS id, hex(concat(/*key*/)) AS key, /*time*/ AS start, kind, has_usage, provider, model, request_model, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, reasoning_tokens, mapFilter((name, value) -> name LIKE '%service_tier' OR name LIKE '%1h%tokens', attributes) AS attributes, reported_cost_usd, cost_usd,
  cost_source
FROM /*table*/
WHERE project = {project:String} AND kind IN ('llm', 'embedding') AND has_usage AND cost_source != 'reported'
  AND /*time*/ >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND /*time*/ < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND /*time*/ >= fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC') AND (toUnixTimestamp64Nano(/*time*/), key) >= ({after_ns:Int64}, {after:String})
ORDER BY project, /*time*/, /*key*/
LIMIT {limit:UInt32}
