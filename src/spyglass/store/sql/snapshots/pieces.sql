-- Some pieces of states, of the day on which a snapshot that needs them arrived.
-- project String, hashes Array(String): hex; first_ns and last_ns Int64: that day
-- Columns: hash (hex), data
-- unbounded: the pieces are named
SELECT lower(hex(pieces.hash)) AS hash, any(data) AS data
FROM pieces
WHERE project = {project:String} AND pieces.hash IN (SELECT toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16))
  AND received >= fromUnixTimestamp64Nano({first_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_ns:Int64}, 'UTC')
GROUP BY pieces.hash
