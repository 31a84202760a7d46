-- Traces with a span that matches, latest first match first: one window of time of the list.
-- project String, lo_ns and hi_ns Int64: start of the match, both included; received_ns Int64: lower bound of its arrival;
-- before_ns Int64 and before_trace String (hex): end of the page before, exclusive; limit UInt32
-- Columns: trace_id, first_match (ns)
SELECT trace_id, toUnixTimestamp64Nano(min(start)) AS first_match
FROM spans
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY trace_id
HAVING (first_match, hex(trace_id)) < ({before_ns:Int64}, {before_trace:String})
ORDER BY first_match DESC, hex(trace_id) DESC
LIMIT {limit:UInt32}
