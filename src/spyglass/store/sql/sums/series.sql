-- Calls and runs per bucket of time and group, from the sums of hours and days; what these do not have yet, from the records.
-- project String; first_s, day_s, days_end_s, hours_end_s Int64: hours are taken from first_s to day_s and from days_end_s to hours_end_s, days between; lo_ns and hi_ns
-- Int64: what is read from records, hi not included; received_ns Int64; origin_s and bucket_s Int64: where buckets are counted from, and how long one is; limit UInt32
-- /*told*/: sums/told.sql; /*rows*/: sums/rows.sql; /*group*/: the group as an array of text
-- unbounded: the range is that of the parameters in seconds, and of sums/rows.sql
-- Columns: bucket (number from the origin), groups, count, pending, errors, sum_ns, input_tokens … reasoning_tokens, cost_usd, quantiles_ns (0.5 0.9 0.95 0.99)
WITH told AS (/*told*/)
SELECT bucket, groups, sum(p.count) AS count, sum(p.pending) AS pending, sum(p.errors) AS errors, sum(p.sum_ns) AS sum_ns, sum(p.input_tokens) AS input_tokens,
  sum(p.output_tokens) AS output_tokens, sum(p.cache_read_tokens) AS cache_read_tokens, sum(p.cache_write_tokens) AS cache_write_tokens,
  sum(p.reasoning_tokens) AS reasoning_tokens, sum(p.cost_usd) AS cost_usd, quantilesDDMerge(0.01, 0.5, 0.9, 0.95, 0.99)(p.durations) AS quantiles_ns
FROM (
  SELECT intDiv(toInt64(toUnixTimestamp(begin)) - {origin_s:Int64}, {bucket_s:Int64}) AS bucket, /*group*/ AS groups, count, pending, errors, sum_ns, input_tokens,
    output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, durations
  FROM sums_day FINAL
  WHERE project = {project:String} AND begin >= toDateTime({day_s:Int64}, 'UTC') AND begin < toDateTime({days_end_s:Int64}, 'UTC')
    AND built >= toDateTime({day_s:Int64}, 'UTC') AND count > 0 AND (/*filter*/)
  UNION ALL
  SELECT intDiv(toInt64(toUnixTimestamp(begin)) - {origin_s:Int64}, {bucket_s:Int64}) AS bucket, /*group*/ AS groups, count, pending, errors, sum_ns, input_tokens,
    output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, durations
  FROM sums_hour FINAL
  WHERE project = {project:String} AND begin >= toDateTime({first_s:Int64}, 'UTC') AND begin < toDateTime({hours_end_s:Int64}, 'UTC')
    AND built >= toDateTime({first_s:Int64}, 'UTC') AND NOT (begin >= toDateTime({day_s:Int64}, 'UTC') AND begin < toDateTime({days_end_s:Int64}, 'UTC')) AND count > 0 AND (/*filter*/)
  UNION ALL
  SELECT intDiv(toInt64(at_s) - {origin_s:Int64}, {bucket_s:Int64}) AS bucket, /*group*/ AS groups, count() AS count, countIf(NOT r.ended) AS pending,
    countIf(r.failed) AS errors, sumIf(r.duration_ns, r.ended) AS sum_ns, sum(r.input_tokens) AS input_tokens, sum(r.output_tokens) AS output_tokens,
    sum(r.cache_read_tokens) AS cache_read_tokens, sum(r.cache_write_tokens) AS cache_write_tokens, sum(r.reasoning_tokens) AS reasoning_tokens,
    sum(r.cost_usd) AS cost_usd, quantilesDDStateIf(0.01, 0.5, 0.9, 0.95, 0.99)(r.duration_ns, r.ended) AS durations
  FROM (/*rows*/) AS r
  WHERE /*filter*/
  GROUP BY bucket, groups) AS p
GROUP BY bucket, groups
ORDER BY bucket, groups
LIMIT {limit:UInt32}
