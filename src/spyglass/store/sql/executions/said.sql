-- Roles and begins of some messages.
-- project String, scopes Array(String): session ids and trace ids (hex); hashes Array(String): hex
-- Columns: id (hash, hex), role, text
-- unbounded: the messages are named
SELECT lower(hex(hash)) AS id, any(role) AS role, any(leftUTF8(text, 300)) AS text
FROM messages
WHERE project = {project:String} AND scope IN ({scopes:Array(String)})
  AND hash IN (SELECT toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16))
GROUP BY id
