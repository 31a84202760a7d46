-- Values of the usual fields with their counts in some hours, each span once.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; hours Array(UInt32): unix s; limit UInt32: values of one field in one hour
-- Columns: hour (unix s), field, value, count, errors
WITH alike AS (
  SELECT toUnixTimestamp(toStartOfHour(start)) AS hour, kind, status, service, environment, agent, model, provider, tool, dialect, error_type, count() AS spans
  FROM spans FINAL
  WHERE project = {project:String} AND NOT pending
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND has({hours:Array(UInt32)}, hour)
  GROUP BY hour, kind, status, service, environment, agent, model, provider, tool, dialect, error_type)
SELECT hour, facet.1 AS field, facet.2 AS value, sum(a.spans) AS count, sumIf(a.spans, a.status = 'error') AS errors
FROM alike AS a
ARRAY JOIN [('kind', toString(kind)), ('status', toString(status)), ('service', toString(service)), ('environment', toString(environment)), ('agent', toString(agent)),
  ('model', toString(model)), ('provider', toString(provider)), ('tool', toString(tool)), ('dialect', toString(dialect)), ('error_type', toString(error_type))] AS facet
WHERE facet.2 != ''
GROUP BY hour, field, value
ORDER BY hour, field, count DESC, value
LIMIT {limit:UInt32} BY hour, field
LIMIT 1000000
