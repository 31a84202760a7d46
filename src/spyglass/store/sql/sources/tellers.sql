-- Which instrumentation told some spans.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; traces and spans Array(String): hex, one span of each trace by place; limit UInt32
-- Columns: trace_id, span_id, service, scope_name
SELECT trace_id, span_id, service, scope_name
FROM spans
WHERE project = {project:String}
  AND (trace_id, span_id) IN (
    SELECT toFixedString(unhex(pair.1), 16), toFixedString(unhex(pair.2), 8) FROM (SELECT arrayJoin(arrayZip({traces:Array(String)}, {spans:Array(String)})) AS pair))
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
LIMIT 1 BY trace_id, span_id
LIMIT {limit:UInt32}
