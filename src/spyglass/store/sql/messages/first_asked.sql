-- What a user said first in each of some traces, or sessions: the begin of it.
-- project String, named Array(String): ids, trace ids in hex; received_ns Int64: the earliest arrival
-- /*of*/: the expression that the ids name; /*among*/: the condition on it
-- Columns: id, asked
-- unbounded: the traces or sessions are named
SELECT /*of*/ AS id, argMin(leftUTF8(text, 300), (start, position)) AS asked
FROM messages
WHERE project = {project:String} AND /*among*/
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND role = 'user' AND direction != 'output' AND text != ''
GROUP BY id
