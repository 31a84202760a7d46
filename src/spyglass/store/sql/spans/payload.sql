-- The long attribute values of one span.
-- project String, trace String (hex), span String (hex), version UInt64: of the copy; received_ns Int64: the earliest arrival in the trace
-- Columns: attributes, attribute_types
SELECT attributes, attribute_types
FROM payloads
WHERE project = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16) AND span_id = toFixedString(unhex({span:String}), 8)
  AND version = {version:UInt64} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
LIMIT 1
