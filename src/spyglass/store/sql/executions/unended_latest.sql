-- Runs that have not ended as far as some row says, latest start first. Those that go on have no other rows, so that their start is right here; others among them are
-- for executions/list.sql to leave out.
-- project String; day_ns Int64: as in executions/list.sql; before_ns Int64 and before_key UInt64: end of the page before; most UInt32
-- Columns: key
SELECT key
FROM (
  SELECT key, toInt64(bitAnd(min(r.begin), 2305843009213693951)) AS begin_ns
  FROM runs AS r
  WHERE project = {project:String} AND _partition_id >= toString(toYYYYMMDD(fromUnixTimestamp64Nano({day_ns:Int64}, 'UTC'))) AND r.ended.at_ns = 9223372036854775807
  GROUP BY key)
WHERE (begin_ns, key) < ({before_ns:Int64}, {before_key:UInt64})
ORDER BY begin_ns DESC, key DESC
LIMIT {most:UInt32}
