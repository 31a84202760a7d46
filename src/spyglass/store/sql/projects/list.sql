-- The projects there are.
-- received_ns Int64: arrivals since; limit and skip UInt32
-- Columns: project, spans, events, points, last_seen
SELECT project, sum(spans) AS spans, sum(events) AS events, sum(points) AS points, max(last) AS last_seen
FROM (
  SELECT project, count() AS spans, 0 AS events, 0 AS points, max(received) AS last FROM spans
  WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') GROUP BY project
  UNION ALL
  SELECT project, 0, count(), 0, max(received) FROM events
  WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') GROUP BY project
  UNION ALL
  SELECT project, 0, 0, count(), max(received) FROM points
  WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') GROUP BY project)
GROUP BY project
ORDER BY project
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
