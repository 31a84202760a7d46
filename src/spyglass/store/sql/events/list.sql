-- Log records and events that match, latest first: one window of time of the list.
-- project String, lo_ns and hi_ns Int64: time, both included; received_ns Int64; before_ns Int64 and before_id String (hex): end of the page before, exclusive; limit UInt32
-- Columns: as named
SELECT event_id, time, observed_time, received, trace_id, span_id, event_name, severity, severity_number, severity_text, body, body_type, source, execution_id, service,
  environment, kind, model, agent, tool, session_id, user_id, error_type, attributes, attribute_types, issues, toUnixTimestamp64Nano(time) AS time_ns
FROM events
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (time_ns, hex(event_id)) < ({before_ns:Int64}, {before_id:String})
  AND (/*filter*/)
ORDER BY time DESC, hex(event_id) DESC
LIMIT 1 BY event_id
LIMIT {limit:UInt32}
