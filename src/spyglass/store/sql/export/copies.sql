-- The spans of some traces that were stored more than once: which copy is the best one.
-- project String, traces Array(String): hex; lo_ns and hi_ns Int64: start, both included; received_ns Int64; limit UInt32
-- Columns: trace_id, span_id, version
SELECT trace_id, span_id, max(s.version) AS version
FROM spans AS s
WHERE project = {project:String}
  AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND s.start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND s.start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY trace_id, span_id
HAVING count() > 1
LIMIT {limit:UInt32}
