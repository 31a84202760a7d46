-- Which agent stands above the model calls of some traces, as far as they are told.
-- project String, traces Array(String): hex; lo_ns and hi_ns Int64: start, hi included; received_ns Int64; limit UInt32
-- Columns: trace and span (hex), agent (empty: none)
SELECT lower(hex(c.trace_id)) AS trace, lower(hex(c.span_id)) AS span, toString(c.agent) AS agent
FROM tellings AS c FINAL
WHERE project = {project:String} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)) AND c.kind = 'llm'
  AND /*hours*/
  AND c.start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND c.start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY trace, span
LIMIT {limit:UInt32}
