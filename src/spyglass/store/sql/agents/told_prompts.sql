-- System prompts of some calls, as log records tell them; a conversation's is kept with its first call.
-- project String, named Array(String): trace and span id of each call, together, hex; received_ns Int64: the earliest arrival
-- Columns: place (trace and span id, hex), id (hash, hex), text; in the order of the prompts
-- unbounded: the calls are named
SELECT lower(concat(hex(trace_id), hex(span_id))) AS place, lower(hex(hash)) AS id, text
FROM messages
WHERE project = {project:String} AND role IN ('system', 'developer') AND direction = 'input'
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND trace_id IN (SELECT toFixedString(unhex(substring(arrayJoin({named:Array(String)}), 1, 32)), 16))
  AND place IN ({named:Array(String)})
ORDER BY place, position, id, version DESC
LIMIT 1 BY place, id
