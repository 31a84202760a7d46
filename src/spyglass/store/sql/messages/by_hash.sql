-- Messages by their content, within one conversation.
-- project String, scopes Array(String): session id and trace id (hex); hashes Array(String): hex
-- Columns: hash, span_id (that said it first), start, role, text, body
-- unbounded: the messages are named
SELECT hash, span_id, start, role, text, body
FROM messages FINAL
WHERE project = {project:String} AND scope IN ({scopes:Array(String)})
  AND hash IN (SELECT toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16))
