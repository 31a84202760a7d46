-- When each watch was looking.
-- project String, lo_ns and hi_ns Int64: time, both included; received_ns Int64; limit UInt32
-- Columns: watch, first_ns, last_ns
SELECT e.resource_attributes['spyglass.watch.id'] AS watch, toUnixTimestamp64Nano(min(e.time)) AS first_ns, toUnixTimestamp64Nano(max(e.time)) AS last_ns
FROM events AS e
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND watch != ''
GROUP BY watch
LIMIT {limit:UInt32}
