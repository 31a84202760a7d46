-- Traces with a span that matches, in the order of their first match: one window of time of the list.
-- project String, lo_ns and hi_ns Int64: start of the match, both included; received_ns Int64: lower bound of its arrival;
-- after_ns Int64 and after_trace String (hex): end of the page before, exclusive; limit UInt32
-- /*further*/ and /*direction*/: < and DESC for the latest first, > and ASC for the earliest first
-- Columns: trace_id, first_match (ns)
SELECT trace_id, toUnixTimestamp64Nano(min(start)) AS first_match
FROM spans
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY trace_id
HAVING (first_match, trace_id) /*further*/ ({after_ns:Int64}, toFixedString(unhex({after_trace:String}), 16))
ORDER BY first_match /*direction*/, trace_id /*direction*/
LIMIT {limit:UInt32}
