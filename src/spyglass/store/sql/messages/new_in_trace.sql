-- Some messages where they were said first, if that was in a trace and between two places of its order. Of several tellings of one message the earliest stands.
-- project String, trace String (hex); scopes Array(String), hashes Array(String, hex): which messages;
-- after_ns Int64, after_place String, until_ns Int64, until_place String: the places, the first one excluded
-- Columns: as named; start_ns and place: where the message stands in the order
-- unbounded: the messages are named
-- The best telling is chosen here and not by FINAL, which would read the messages of every trace.
SELECT hash, trace_id, span_id, start, session_id, agent, model, direction, position, role, text, body, start_ns, place
FROM (
  SELECT hash, trace_id, span_id, start, session_id, agent, model, direction, position, role, text, body, toUnixTimestamp64Nano(start) AS start_ns,
    concat(direction = 'output' ? '1' : '0', leftPad(toString(position), 10, '0'), hex(span_id), hex(hash)) AS place
  FROM messages
  WHERE project = {project:String}
    AND (scope, hash) IN (
      SELECT pair.1, toFixedString(unhex(pair.2), 16) FROM (SELECT arrayJoin(arrayZip({scopes:Array(String)}, {hashes:Array(String)})) AS pair))
  ORDER BY version DESC
  LIMIT 1 BY scope, hash)
WHERE trace_id = toFixedString(unhex({trace:String}), 16)
  AND (start_ns, place) > ({after_ns:Int64}, {after_place:String}) AND (start_ns, place) <= ({until_ns:Int64}, {until_place:String})
ORDER BY start_ns, place
