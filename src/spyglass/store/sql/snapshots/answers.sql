-- What recorded calls answered.
-- project String, events Array(String): ids of records, hex; lo_ns and hi_ns Int64: time, both included; received_ns Int64
-- Columns: event_id (hex), body
-- unbounded: the records are named
SELECT lower(hex(e.event_id)) AS event_id, any(e.body) AS body
FROM events AS e
WHERE project = {project:String} AND e.event_id IN (SELECT toFixedString(unhex(arrayJoin({events:Array(String)})), 16))
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY e.event_id
