-- Traces that got spans lately: what a crash may have left untold.
-- since_ns Int64
-- Columns: trace_id, first_received (ns)
SELECT trace_id, toUnixTimestamp64Nano(min(t.first_received)) AS first_received
FROM traces AS t
GROUP BY trace_id
HAVING max(t.last_received) >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC')
LIMIT 100000
