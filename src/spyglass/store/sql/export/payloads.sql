-- The long attribute values of the spans of some traces.
-- project String, traces Array(String): hex; lo_ns and hi_ns Int64: start, both included; received_ns Int64; limit UInt32
-- Columns: trace_id, span_id, start, version, attributes, attribute_types
SELECT trace_id, span_id, start, version, attributes, attribute_types
FROM payloads
WHERE project = {project:String}
  AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
LIMIT {limit:UInt32}
