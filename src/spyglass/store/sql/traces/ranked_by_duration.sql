-- Traces with a matching span, ranked by their whole duration (ns); without a condition every trace that overlaps the time range.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; before Int64 and before_trace String (hex): end of the page before; limit UInt32
-- /*matching*/: traces/matching.sql
-- Columns: trace_id, figure
SELECT trace_id, toInt64(toUnixTimestamp64Nano(max(t.end)) - toUnixTimestamp64Nano(min(t.start))) AS figure
FROM traces AS t
WHERE project = {project:String} AND (/*matching*/)
GROUP BY trace_id
HAVING toUnixTimestamp64Nano(max(t.end)) >= {lo_ns:Int64} AND toUnixTimestamp64Nano(min(t.start)) < {hi_ns:Int64}
  AND (figure, hex(trace_id)) < ({before:Int64}, {before_trace:String})
ORDER BY figure DESC, hex(trace_id) DESC
LIMIT {limit:UInt32}
