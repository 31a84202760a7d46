-- The long attribute values of one span.
-- project String, traces Array(String): its trace (hex); span String (hex); version UInt64: of the copy; received_ns and last_received_ns Int64: when the trace arrived
-- Columns: attributes, attribute_types
SELECT attributes, attribute_types
FROM payloads
WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16) AND span_id = toFixedString(unhex({span:String}), 8)
  AND version = {version:UInt64} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
LIMIT 1
