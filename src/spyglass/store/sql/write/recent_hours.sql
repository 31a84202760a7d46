-- Calls of the last minutes that lie near a full hour: another telling of them may still come.
-- back_s UInt32: how far back from the newest record; near_s UInt32: how near
-- Columns: call_key, hour
-- unbounded: the time range follows from the newest record
SELECT call_key, any(hour) AS hour
FROM tellings
WHERE received >= (SELECT max(received) FROM tellings WHERE received >= now() - toIntervalDay(2)) - toIntervalSecond({back_s:UInt32})
  AND response_id != '' AND (toUnixTimestamp(toDateTime(start, 'UTC')) + {near_s:UInt32}) % 3600 < 2 * {near_s:UInt32}
GROUP BY call_key
LIMIT 100000
