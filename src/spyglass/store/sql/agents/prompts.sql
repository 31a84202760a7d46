-- Which of some messages are system prompts, and what they say.
-- project String, hashes Array(String): hex; received_ns Int64: the earliest arrival
-- Columns: id (hash, hex), text
-- unbounded: the messages are named
SELECT lower(hex(hash)) AS id, any(text) AS text
FROM messages
WHERE project = {project:String} AND role IN ('system', 'developer')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND hash IN (SELECT toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16))
GROUP BY id
