-- One metric per bucket of time and group. Of cumulative series the growth between neighbours counts, and a reset starts from zero. A point that was
-- imported again counts once.
-- project String, metric String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; bucket_s UInt32; limit UInt32
-- /*group*/: the group as an array of text
-- Columns: bucket (unix s), groups, type, unit, samples, avg, min, max, last, increase (of sums, and of the sum of histograms), count (growth of histogram counts),
--   bounds and buckets (growth of explicit histogram buckets)
WITH told AS (
  SELECT toUnixTimestamp(toStartOfInterval(time, toIntervalSecond({bucket_s:UInt32}))) AS bucket, /*group*/ AS groups, time, type, unit, temporality,
    if(type IN ('gauge', 'sum'), if(value_type = 'i', toFloat64(value_int), value), sum) AS v, toInt64(count) AS n, start, explicit_bounds,
    arrayMap(x -> toInt64(x), bucket_counts) AS counts,
    cityHash64(service, scope_name, mapKeys(attributes), mapValues(attributes), mapKeys(resource_attributes), mapValues(resource_attributes)) AS series
  FROM points
  WHERE project = {project:String} AND metric = {metric:String} AND (type NOT IN ('gauge', 'sum') OR value_type != '')
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  LIMIT 1 BY time, point_id),
grown AS (
  SELECT bucket, groups, time, type, unit, v, explicit_bounds,
    temporality = 'cumulative' AS cumulative,
    row_number() OVER w = 1 AS first, first AND start < fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AS unknown,
    lagInFrame(v, 1, 0) OVER w AS before_v, lagInFrame(n, 1, 0) OVER w AS before_n, lagInFrame(counts) OVER w AS before_counts,
    n < before_n OR (type = 'sum' AND v < before_v) AS reset,
    multiIf(NOT cumulative, v, unknown, 0, reset, v, v - before_v) AS dv,
    multiIf(NOT cumulative, n, unknown, 0, reset, n, n - before_n) AS dn,
    multiIf(NOT cumulative, counts, unknown, arrayMap(x -> toInt64(0), counts), reset OR length(before_counts) != length(counts), counts,
      arrayMap((x, y) -> x - y, counts, arrayResize(before_counts, length(counts)))) AS dcounts
  FROM told
  WINDOW w AS (PARTITION BY series, type ORDER BY time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))
SELECT bucket, groups, any(type) AS type, any(unit) AS unit, count() AS samples, avg(v) AS avg, min(v) AS min, max(v) AS max, argMax(v, time) AS last,
  sum(dv) AS increase, sum(dn) AS count, explicit_bounds AS bounds, sumForEach(dcounts) AS buckets
FROM grown
GROUP BY bucket, groups, bounds
ORDER BY bucket, groups
LIMIT {limit:UInt32}
