-- Values of the usual fields with their counts among the log records that match. A record that came more than once counts once.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; limit UInt32: values of one field
-- Columns: field, value, count, errors (a failed call, or severity error or critical)
WITH alike AS (
  SELECT event_name, severity, source, service, environment, kind, status, agent, model, provider, tool, dialect, error_type, count() AS records
  FROM events FINAL
  WHERE project = {project:String}
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  GROUP BY event_name, severity, source, service, environment, kind, status, agent, model, provider, tool, dialect, error_type)
SELECT facet.1 AS field, facet.2 AS value, sum(a.records) AS count, sumIf(a.records, a.status = 'error' OR a.severity IN ('error', 'critical')) AS errors
FROM alike AS a
ARRAY JOIN [('event_name', toString(event_name)), ('severity', toString(severity)), ('source', toString(source)), ('service', toString(service)),
  ('environment', toString(environment)), ('kind', toString(kind)), ('status', toString(status)), ('agent', toString(agent)), ('model', toString(model)),
  ('provider', toString(provider)), ('tool', toString(tool)), ('dialect', toString(dialect)), ('error_type', toString(error_type))] AS facet
WHERE facet.2 != ''
GROUP BY field, value
ORDER BY field, count DESC, value
LIMIT {limit:UInt32} BY field
LIMIT 10000
