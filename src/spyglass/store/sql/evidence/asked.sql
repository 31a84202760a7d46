-- Answers of models in a trace which ask for tools.
-- project String, traces Array(String): its id in hex; received_ns Int64: the earliest arrival in the trace; limit UInt32
-- Columns: span_id (of the model call), body (JSON)
SELECT span_id, body
FROM messages
WHERE project = {project:String} AND trace_id = toFixedString(unhex({traces:Array(String)}[1]), 16)
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND direction = 'output' AND position(body, '"tool_call"') > 0
ORDER BY version DESC
LIMIT 1 BY span_id, hash
LIMIT {limit:UInt32}
