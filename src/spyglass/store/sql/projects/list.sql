-- The projects there are. Records that came more than once count once; from some thousands of a kind on the number is within 1 %.
-- received_ns Int64: arrivals since; limit and skip UInt32
-- Columns: project, spans, events, points, last_seen
SELECT project, sum(spans) AS spans, sum(events) AS events, sum(points) AS points, max(last) AS last_seen
FROM (
  SELECT project, uniqCombined64(trace_id, span_id) AS spans, 0 AS events, 0 AS points, max(received) AS last FROM spans
  WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') GROUP BY project
  UNION ALL
  SELECT project, 0, uniqCombined64(event_id), 0, max(received) FROM events
  WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') GROUP BY project
  UNION ALL
  SELECT project, 0, 0, uniqCombined64(metric, time, point_id), max(received) FROM points
  WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') GROUP BY project)
GROUP BY project
ORDER BY project
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
