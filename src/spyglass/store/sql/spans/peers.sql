-- Durations of the ended spans of one name and kind, at most `limit` of them; copies of a span count as one.
-- project, name, kind String; lo_ns, hi_ns, received_ns Int64: bounds of start and arrival; duration Int64: of the span that is compared; limit UInt32
-- Columns: count, shorter (those that took no longer), p50_ns, p95_ns
SELECT toInt64(count()) AS count, toInt64(countIf(took <= {duration:Int64})) AS shorter, quantile(0.5)(took) AS p50_ns, quantile(0.95)(took) AS p95_ns
FROM (
  SELECT toInt64(duration_ns) AS took
  FROM spans
  WHERE project = {project:String} AND name = {name:String} AND kind = {kind:String} AND NOT pending
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  LIMIT 1 BY trace_id, span_id
  LIMIT {limit:UInt32}
)
