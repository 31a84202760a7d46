-- Traces with a matching span, ranked by a figure of all their spans in the time range: what the list shows of each is of the whole trace, too.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; before Int64 and before_trace String (hex): end of the page before; limit UInt32
-- /*figure*/: errors or spans; /*matching*/: traces/matching.sql
-- Columns: trace_id, figure
SELECT trace_id, toInt64(/*figure*/) AS figure
FROM spans AS s
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*matching*/)
GROUP BY trace_id
HAVING (figure, hex(trace_id)) < ({before:Int64}, {before_trace:String})
ORDER BY figure DESC, hex(trace_id) DESC
LIMIT {limit:UInt32}
