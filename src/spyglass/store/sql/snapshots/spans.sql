-- The spans of a trace, as far as it takes to know which are below which.
-- project String, trace String (hex); lo_ns and hi_ns Int64: start, both included; received_ns Int64; limit UInt32
-- Columns: span_id, parent_span_id, kind, name, tool, model, start_ns, end_ns, pending, status (unset ok error), input and output (their begins)
SELECT span_id, parent_span_id, toString(kind) AS kind, toString(name) AS name, toString(tool) AS tool, toString(model) AS model,
  toUnixTimestamp64Nano(start) AS start_ns, start_ns + toInt64(duration_ns) AS end_ns, pending, toString(status) AS status,
  leftUTF8(input, 300) AS input, leftUTF8(output, 300) AS output
FROM spans
WHERE project = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16)
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY start, version DESC
LIMIT 1 BY span_id
LIMIT {limit:UInt32}
