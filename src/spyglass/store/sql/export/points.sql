-- Data points that match, by metric and time, after a place: one page of an export. Points of one metric and time come on one page.
-- project String, lo_ns and hi_ns Int64: time, the latter not included; received_ns Int64; after_metric String and after_ns Int64: the last point of the page
-- before; limit UInt32
-- Columns: those of model.schema.POINT; times as DateTime64(9)
SELECT project, received, service, environment, scope_name, scope_version, scope_attributes, scope_attribute_types, scope_dropped_attributes, scope_schema_url,
  resource_attributes, resource_attribute_types, resource_dropped_attributes, resource_schema_url, attributes, attribute_types, dropped_attributes, metric,
  description, unit, type, temporality, monotonic, start, time, original_time_ns, original_start_ns, flags, value, value_int, value_type, count, sum, min,
  max, has_sum, has_min, has_max, bucket_counts, explicit_bounds, scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset,
  negative_counts, quantiles, quantile_values, exemplars, issues, provider, model, agent, tool, session_id, user_id
FROM points
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (metric > {after_metric:String} OR (metric = {after_metric:String} AND time > fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC')))
  AND (/*filter*/)
ORDER BY metric, time
LIMIT {limit:UInt32} WITH TIES
