-- Minutes of which something was told since: of runs and calls that started in them.
-- since_ns Int64: when it was told, by our clock; told_ns Int64: the earliest arrival of what a telling then may correct; limit UInt32
-- Columns: project, minute (number since 1970), told (how much)
SELECT project, toUInt32(minute) AS minute, count() AS told
FROM (
  SELECT toString(r.project) AS project, intDiv(bitAnd(r.begin, 2305843009213693951), 60000000000) AS minute
  FROM runs AS r
  WHERE r.received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND r.at.1 = 3 -- what a span told
  UNION ALL
  SELECT toString(t.project) AS project, toUInt64(intDiv(toUnixTimestamp(t.start), 60)) AS minute
  FROM tellings AS t
  WHERE t.received >= fromUnixTimestamp64Nano({told_ns:Int64}, 'UTC') AND bitAnd(t.version, 9223372036854775807) >= toUInt64({since_ns:Int64}))
GROUP BY project, minute
ORDER BY project, minute
LIMIT {limit:UInt32}
