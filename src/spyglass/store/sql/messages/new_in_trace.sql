-- What was said first in a trace, in order. Of several tellings of one message the earliest stands, and it may be another trace's.
-- project String, trace String (hex); received_ns Int64: the earliest arrival in the trace; after_ns Int64 and after_place String: end of the page before; limit UInt32
-- Columns: as named; start_ns and place: where the message stands in the order
-- The best telling is chosen here and not by FINAL, which would read the messages of every trace.
SELECT hash, trace_id, span_id, start, session_id, agent, model, direction, position, role, text, body, start_ns, place
FROM (
  SELECT hash, trace_id, span_id, start, session_id, agent, model, direction, position, role, text, body, toUnixTimestamp64Nano(start) AS start_ns,
    concat(direction = 'output' ? '1' : '0', leftPad(toString(position), 10, '0'), hex(span_id), hex(hash)) AS place
  FROM messages
  WHERE project = {project:String}
    AND (scope, hash) IN (
      SELECT scope, hash FROM messages
      WHERE project = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16)
        AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
  ORDER BY version DESC
  LIMIT 1 BY scope, hash)
WHERE trace_id = toFixedString(unhex({trace:String}), 16) AND (start_ns, place) > ({after_ns:Int64}, {after_place:String})
ORDER BY start_ns, place
LIMIT {limit:UInt32}
