-- Traces that got spans shortly before the newest one: what a crash may have left untold.
-- back_s UInt32: how long before the newest arrival
-- Columns: trace_id
-- unbounded: the time range follows from the newest record
SELECT trace_id
FROM traces AS t
WHERE t.last_received >= (SELECT max(last_received) FROM traces) - toIntervalSecond({back_s:UInt32})
GROUP BY trace_id
ORDER BY max(t.last_received) DESC
LIMIT 100000
