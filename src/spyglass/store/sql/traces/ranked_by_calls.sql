-- Traces with a matching span, ranked by the cost or the tokens of their calls, each call counted once.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; before Float64 and before_trace String (hex): end of the page before; limit UInt32
-- /*figure*/: cost or tokens
-- Columns: trace_id, first_match (ns), figure
SELECT trace_id, toUnixTimestamp64Nano(min(c.start)) AS first_match, toFloat64(/*figure*/) AS figure
FROM calls AS c FINAL
WHERE project = {project:String} AND counted
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND trace_id IN (
    SELECT trace_id FROM spans
    WHERE project = {project:String}
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND (/*filter*/))
GROUP BY trace_id
HAVING (figure, hex(trace_id)) < ({before:Float64}, {before_trace:String})
ORDER BY figure DESC, hex(trace_id) DESC
LIMIT {limit:UInt32}
