-- Attributes of some spans, under the names that conventions have for the definitions of tools.
-- project String, named Array(String): trace and span id of each span, together, hex; keys String: pattern of the names; received_ns Int64: the earliest arrival
-- Columns: place (trace and span id, hex), key, value, whole (1: the value is not cut)
-- unbounded: the spans are named
SELECT lower(concat(hex(trace_id), hex(span_id))) AS place, key, value, whole
FROM (
  SELECT trace_id, span_id, attributes, 0 AS whole FROM spans
  WHERE project = {project:String} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND trace_id IN (SELECT toFixedString(unhex(substring(arrayJoin({named:Array(String)}), 1, 32)), 16))
  UNION ALL
  SELECT trace_id, span_id, attributes, 1 AS whole FROM payloads
  WHERE project = {project:String} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND trace_id IN (SELECT toFixedString(unhex(substring(arrayJoin({named:Array(String)}), 1, 32)), 16))
) AS kept
ARRAY JOIN mapKeys(attributes) AS key, mapValues(attributes) AS value
WHERE place IN ({named:Array(String)}) AND match(key, {keys:String})
ORDER BY place, key, whole
