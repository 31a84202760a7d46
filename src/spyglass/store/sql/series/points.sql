-- One metric per bucket of time and group. Of cumulative series the growth between neighbours counts, and a reset starts from zero. Summaries are cumulative.
-- A point that was imported again counts once. Rows with `unknown` are first points of series that began before the range: what they grew by is not known,
-- and they tell the whole since their start.
-- project String, metric String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; limit UInt32
-- /*group*/: the group as an array of text; /*moment*/: what a point's bucket follows from, below zero where it is only read for what the next one has grown by;
-- /*bucket*/: the bucket, of `moment`: a window may be one of several that it lies in (store/read/series.py, store/read/alerts.py)
-- Columns: bucket, groups, type, unknown, bounds, scale (a row for each combination); unit, samples; avg, min, max, last (of gauges and sums: the value);
--   increase (of sums, and of the sum of the values of others), count (growth of the number of values), told_sums (points with a sum), last_ns, last_value
--   (the mean of the values that the latest point tells), least and greatest (as the points say, null: one does not), since_start (points whose least and greatest
--   may be older than the growth), buckets (growth of those between `bounds`), positive and negative (of exponential histograms: bucket indices at `scale`, and
--   their growth), zeros, zero_threshold, quantiles and quantile_values (of the latest summary)
WITH told AS (
  SELECT /*moment*/ AS moment, /*group*/ AS groups, time, start, type, unit, monotonic,
    temporality = 'cumulative' OR type = 'summary' AS cumulative, explicit_bounds, scale, zero_threshold, quantiles, quantile_values,
    if(type IN ('gauge', 'sum'), if(value_type = 'i', toFloat64(value_int), value), sum) AS v, toInt64(count) AS n, has_sum OR type = 'summary' AS summed,
    if(has_min, min, NULL) AS own_min, if(has_max, max, NULL) AS own_max, toInt64(zero_count) AS zeros,
    arrayMap(x -> toInt64(x), bucket_counts) AS counts,
    arrayMap(x -> toInt64(x), positive_counts) AS up_counts, arrayMap(at -> toInt64(positive_offset) + at - 1, arrayEnumerate(positive_counts)) AS up,
    arrayMap(x -> toInt64(x), negative_counts) AS down_counts, arrayMap(at -> toInt64(negative_offset) + at - 1, arrayEnumerate(negative_counts)) AS down,
    cityHash64(service, scope_name, mapKeys(attributes), mapValues(attributes), mapKeys(resource_attributes), mapValues(resource_attributes)) AS series
  FROM points
  WHERE project = {project:String} AND metric = {metric:String} AND (type NOT IN ('gauge', 'sum') OR value_type != '')
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  LIMIT 1 BY time, point_id),
beside AS (
  SELECT moment, groups, time, start, type, unit, monotonic, cumulative, explicit_bounds, scale, zero_threshold, quantiles, quantile_values, v, n, summed, own_min, own_max,
    zeros, counts, up_counts, up, down_counts, down, row_number() OVER w = 1 AS first,
    lagInFrame(v) OVER w AS before_v, lagInFrame(n) OVER w AS before_n, lagInFrame(time) OVER w AS before_time, lagInFrame(explicit_bounds) OVER w AS before_bounds,
    lagInFrame(counts) OVER w AS before_counts, lagInFrame(scale) OVER w AS before_scale, lagInFrame(zeros) OVER w AS before_zeros,
    lagInFrame(up) OVER w AS before_up, lagInFrame(up_counts) OVER w AS before_up_counts,
    lagInFrame(down) OVER w AS before_down, lagInFrame(down_counts) OVER w AS before_down_counts,
    start >= before_time OR n < before_n OR (type = 'sum' AND monotonic AND v < before_v) OR explicit_bounds != before_bounds
      OR length(counts) != length(before_counts) AS reset,
    cumulative AND first AND start < fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AS unknown,
    cumulative AND NOT first AND NOT reset AS goes_on
  FROM told
  WINDOW w AS (PARTITION BY series, type ORDER BY time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)),
grown AS (
  SELECT moment, groups, time, type, unit, unknown, explicit_bounds, zero_threshold, quantiles, quantile_values, v, summed, own_min, own_max,
    goes_on OR unknown AS older,
    if(goes_on, v - before_v, v) AS dv, if(goes_on, n - before_n, n) AS dn, if(goes_on, zeros - before_zeros, zeros) AS dzeros,
    if(goes_on, arrayMap((x, y) -> x - y, counts, arrayResize(before_counts, length(counts))), counts) AS dcounts,
    if(goes_on, least(scale, before_scale), scale) AS shared_scale,
    arrayConcat(arrayMap(x -> bitShiftRight(x, scale - shared_scale), up), if(goes_on, arrayMap(x -> bitShiftRight(x, before_scale - shared_scale), before_up), [])) AS dup,
    arrayConcat(up_counts, if(goes_on, arrayMap(x -> -x, before_up_counts), [])) AS dup_counts,
    arrayConcat(arrayMap(x -> bitShiftRight(x, scale - shared_scale), down), if(goes_on, arrayMap(x -> bitShiftRight(x, before_scale - shared_scale), before_down), [])) AS ddown,
    arrayConcat(down_counts, if(goes_on, arrayMap(x -> -x, before_down_counts), [])) AS ddown_counts
  FROM beside)
SELECT /*bucket*/ AS bucket, groups, type, unknown, explicit_bounds AS bounds, shared_scale AS scale, any(g.unit) AS unit, count() AS samples,
  avg(g.v) AS avg, min(g.v) AS min, max(g.v) AS max, argMax(g.v, g.time) AS last, sum(g.dv) AS increase, sum(g.dn) AS count, countIf(g.summed) AS told_sums,
  toUnixTimestamp64Nano(max(g.time)) AS last_ns, argMax(if(g.dn > 0 AND g.summed, g.dv / g.dn, NULL), g.time) AS last_value,
  if(countIf(isNull(g.own_min)) > 0, NULL, min(g.own_min)) AS least, if(countIf(isNull(g.own_max)) > 0, NULL, max(g.own_max)) AS greatest,
  countIf(g.older) AS since_start, sumForEach(g.dcounts) AS buckets, sumMap(g.dup, g.dup_counts) AS positive, sumMap(g.ddown, g.ddown_counts) AS negative,
  sum(g.dzeros) AS zeros, max(g.zero_threshold) AS zero_threshold, argMax(g.quantiles, g.time) AS quantiles, argMax(g.quantile_values, g.time) AS quantile_values
FROM grown AS g
WHERE moment >= 0
GROUP BY bucket, groups, type, unknown, bounds, scale
ORDER BY bucket, groups, type
LIMIT {limit:UInt32}
