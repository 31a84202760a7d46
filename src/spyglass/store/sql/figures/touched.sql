-- Windows of ten minutes of which something was told since: of runs that ended in them, and of calls that started in them.
-- since_ns Int64: when it was told, by our clock; told_ns Int64: the earliest arrival of what a telling then may correct; oldest_s and newest_s Int64: windows that matter; limit UInt32
-- Columns: project, slot (number of the window, 600 s each, since 1970)
SELECT project, slot
FROM (
  SELECT toString(r.project) AS project, intDiv(r.ended.at_ns, 600000000000) AS slot
  FROM runs AS r
  WHERE r.received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND r.ended.at_ns < 9223372036854775807
  UNION ALL
  SELECT toString(t.project) AS project, intDiv(toUnixTimestamp64Nano(t.start), 600000000000) AS slot
  FROM tellings AS t
  WHERE t.received >= fromUnixTimestamp64Nano({told_ns:Int64}, 'UTC') AND bitAnd(t.version, 9223372036854775807) >= toUInt64({since_ns:Int64}))
WHERE slot >= intDiv({oldest_s:Int64}, 600) AND slot <= intDiv({newest_s:Int64}, 600)
GROUP BY project, slot
ORDER BY slot DESC, project
LIMIT {limit:UInt32}
