-- Traces that got spans lately: what a crash may have left untold.
-- since DateTime64(9)
-- Columns: trace_id, first_received (ns)
SELECT trace_id, toUnixTimestamp64Nano(min(first_received)) AS first_received
FROM traces
GROUP BY trace_id
HAVING max(last_received) >= {since:DateTime64(9, 'UTC')}
LIMIT 100000
