-- The executions of some traces, and the spans that they are or stand at.
-- project String, traces Array(String): hex; received_ns Int64: their earliest arrival; limit UInt32
-- Columns: id, place (of the span, as executions/skeleton.sql numbers it), source (span, event)
SELECT id, cityHash64(at.trace_id, at.span_id) AS place, if(spoken = 2, 'span', 'event') AS source
FROM (
  SELECT id, max(r.at) AS at, max(r.spoken) AS spoken
  FROM runs AS r
  WHERE project = {project:String} AND r.at.trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY id)
WHERE at.trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
ORDER BY id
LIMIT {limit:UInt32}
