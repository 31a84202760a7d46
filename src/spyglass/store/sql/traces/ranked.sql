-- Traces with a matching span, ranked by a figure of their matching spans over the whole time range.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; before Int64 and before_trace String (hex): end of the page before; limit UInt32
-- /*figure*/: duration_ns, errors or spans
-- Columns: trace_id, first_match (ns), figure
SELECT trace_id, toUnixTimestamp64Nano(min(s.start)) AS first_match, toInt64(/*figure*/) AS figure
FROM spans AS s
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY trace_id
HAVING (figure, hex(trace_id)) < ({before:Int64}, {before_trace:String})
ORDER BY figure DESC, hex(trace_id) DESC
LIMIT {limit:UInt32}
