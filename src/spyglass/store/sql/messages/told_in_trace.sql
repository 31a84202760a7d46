-- Which messages a trace tells of, in order, from a place on: which ones, and where. Some were said before, in another trace or earlier in this one.
-- project String, trace String (hex); received_ns Int64: the earliest arrival in the trace; after_ns Int64 and after_place String: where to go on; limit UInt32
-- Columns: scope, hash (hex); start_ns and place: where it stands in the order
SELECT scope, hex(hash) AS hash, toUnixTimestamp64Nano(start) AS start_ns,
  concat(direction = 'output' ? '1' : '0', leftPad(toString(position), 10, '0'), hex(span_id), hex(messages.hash)) AS place
FROM messages
WHERE project = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16)
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (start_ns, place) > ({after_ns:Int64}, {after_place:String})
ORDER BY start, direction = 'output', position, span_id, messages.hash
LIMIT {limit:UInt32}
