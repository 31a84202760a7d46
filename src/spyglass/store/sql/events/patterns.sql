-- Patterns: log records and events that say the same but for numbers, ids, times and quoted texts, most frequent first. Of the latest `most` that match.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; most UInt32: how many records are looked at; limit UInt32: how many patterns; skip UInt32
-- Columns: pattern (masks as <n> <id> <time> <text>; empty: these have no body), event_name, count, errors, severity (the highest one), services (at most 5), first_seen,
--   last_seen, sample (a body, its first 500 characters), looked_at (records in all)
SELECT pattern, event_name, count() AS count, countIf(r.severity IN ('error', 'critical')) AS errors, argMax(r.severity, r.severity_number) AS severity,
  arraySort(groupUniqArray(5)(service)) AS services, min(time) AS first_seen, max(time) AS last_seen, argMax(leftUTF8(body, 500), time) AS sample,
  any(looked_at) AS looked_at
FROM (
  -- In this order: what a later mask would take apart goes first.
  SELECT toString(e.event_name) AS event_name, toString(e.severity) AS severity, severity_number, toString(e.service) AS service, time, body, count() OVER () AS looked_at,
    replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(leftUTF8(body, 500),
      '\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2}([.,]\\d+)?)?(Z|[+-]\\d{2}:?\\d{2})?', '<time>'),
      '"(?:[^"\\\\\n]|\\\\.)*"', '<text>'),
      '(^|[\\s(=:,\\[{])\'[^\'\n]*\'', '\\1<text>'),
      '\\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\\b', '<id>'),
      '\\b(?:0x)?(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{5,}\\b', '<id>'),
      '\\d+(?:[.,:]\\d+)*', '<n>') AS pattern
  FROM (
    SELECT event_name, severity, severity_number, service, time, body
    FROM events
    WHERE project = {project:String}
      AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND (/*filter*/)
    ORDER BY time DESC
    LIMIT 1 BY event_id
    LIMIT {most:UInt32}
  ) AS e
) AS r
GROUP BY event_name, pattern
ORDER BY count DESC, last_seen DESC, event_name, pattern
LIMIT {skip:UInt32}, {limit:UInt32}
