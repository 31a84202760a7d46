-- Data points that match, by metric and time, after a place: one page of an export. A point that was imported again comes once.
-- project String, lo_ns and hi_ns Int64: time, the latter not included; received_ns Int64; after_metric String, after_ns Int64 and after_point UInt64: the last
-- point of the page before; limit UInt32
-- Columns: point_id, and those of model.schema.POINT; times as DateTime64(9)
SELECT point_id, project, received, service, environment, scope_name, scope_version, scope_attributes, scope_attribute_types, scope_dropped_attributes,
  scope_schema_url, resource_attributes, resource_attribute_types, resource_dropped_attributes, resource_schema_url, resource_entity_refs, attributes,
  attribute_types, dropped_attributes, metric, description, unit, metadata, metadata_types, type, temporality, monotonic, start, time, original_time_ns,
  original_start_ns, flags, value, value_int, value_type, count, sum, min, max, has_sum, has_min, has_max, bucket_counts, explicit_bounds, scale,
  zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts, quantiles, quantile_values, exemplars, issues, provider,
  model, agent, tool, session_id, user_id
FROM points
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND metric >= {after_metric:String}
  AND (metric > {after_metric:String}
    OR (time, point_id) > (fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC'), {after_point:UInt64}))
  AND (/*filter*/)
ORDER BY metric, time, point_id
LIMIT 1 BY metric, time, point_id
LIMIT {limit:UInt32}
