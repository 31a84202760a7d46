-- The telemetry SDK of the latest record of each source.
-- project String, lo_ns and hi_ns Int64: start or time, hi not included; received_ns Int64; seen Array(Int64): when the latest records were, ns; limit UInt32
-- Columns: service, scope_name, sdk (name, language and version, as far as told)
SELECT service, scope_name, arrayStringConcat(arrayFilter(part -> part != '', parts), ' ') AS sdk
FROM (
  SELECT service, scope_name, arrayMap(name -> resource_attributes[name], ['telemetry.sdk.name', 'telemetry.sdk.language', 'telemetry.sdk.version']) AS parts
  FROM spans
  WHERE project = {project:String} AND start IN (SELECT fromUnixTimestamp64Nano(arrayJoin({seen:Array(Int64)}), 'UTC'))
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  UNION ALL
  SELECT service, scope_name, arrayMap(name -> resource_attributes[name], ['telemetry.sdk.name', 'telemetry.sdk.language', 'telemetry.sdk.version']) AS parts
  FROM events
  WHERE project = {project:String} AND time IN (SELECT fromUnixTimestamp64Nano(arrayJoin({seen:Array(Int64)}), 'UTC'))
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  UNION ALL
  SELECT service, scope_name, arrayMap(name -> resource_attributes[name], ['telemetry.sdk.name', 'telemetry.sdk.language', 'telemetry.sdk.version']) AS parts
  FROM points
  WHERE project = {project:String} AND time IN (SELECT fromUnixTimestamp64Nano(arrayJoin({seen:Array(Int64)}), 'UTC'))
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
WHERE sdk != ''
LIMIT 1 BY service, scope_name
LIMIT {limit:UInt32}
