-- When the first span of some traces arrived.
-- traces Array(String): ids in hex
-- Columns: received_ns (0: none of them has come)
-- unbounded: the traces are named
SELECT if(count() = 0, 0, toUnixTimestamp64Nano(min(t.first_received))) AS received_ns
FROM traces AS t
WHERE trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
