-- The spans that stand for the model calls of some traces, responses or sessions; at most a thousand of a trace.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; traces (hex), responses and sessions Array(String); limit UInt32
-- Columns: trace_id, span_id, response_id, session_id, start_ns
SELECT trace_id, span_id, response_id, session_id, toUnixTimestamp64Nano(start) AS start_ns
FROM tellings FINAL
WHERE project = {project:String} AND counted AND kind = 'llm' AND source IN ('span', 'transcript')
  AND /*hours*/
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)) OR response_id IN {responses:Array(String)}
    OR session_id IN {sessions:Array(String)})
ORDER BY source, start
LIMIT 1000 BY trace_id
LIMIT {limit:UInt32}
