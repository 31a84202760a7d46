-- Attributes of some spans that define tools: those under the names that conventions have for it, and the tools within the inputs of calls.
-- project String, named Array(String): trace and span id of each span, together, hex; received_ns Int64: the earliest arrival
-- keys and inputs String: patterns of the names of definitions, and of inputs
-- Columns: place (trace and span id, hex), key, value, whole (1: the value is not cut)
-- unbounded: the spans are named
SELECT lower(concat(hex(trace_id), hex(span_id))) AS place, key, whole,
  if(match(key, {inputs:String}),
    arrayFirst(one -> startsWith(one, '['), [JSONExtractRaw(told, 'tools'), JSONExtractRaw(told, 'functions'), JSONExtractRaw(told, 'function_tools'), JSONExtractRaw(told, 'config', 'tools')]),
    told) AS value
FROM (
  SELECT trace_id, span_id, attributes, 0 AS whole FROM spans
  WHERE project = {project:String} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND trace_id IN (SELECT toFixedString(unhex(substring(arrayJoin({named:Array(String)}), 1, 32)), 16))
  UNION ALL
  SELECT trace_id, span_id, attributes, 1 AS whole FROM payloads
  WHERE project = {project:String} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND trace_id IN (SELECT toFixedString(unhex(substring(arrayJoin({named:Array(String)}), 1, 32)), 16))
) AS kept
ARRAY JOIN mapKeys(attributes) AS key, mapValues(attributes) AS told
WHERE place IN ({named:Array(String)}) AND (match(key, {keys:String}) OR match(key, {inputs:String})) AND value != ''
ORDER BY place, key, whole
