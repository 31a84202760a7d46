-- Values of the usual fields with their counts among the spans that match.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit UInt32: values of one field
-- Columns: field, value, count, errors
SELECT facet.1 AS field, facet.2 AS value, count() AS count, countIf(status = 'error') AS errors
FROM spans
ARRAY JOIN [('kind', toString(kind)), ('status', toString(status)), ('service', toString(service)), ('environment', toString(environment)), ('agent', toString(agent)),
  ('model', toString(model)), ('provider', toString(provider)), ('tool', toString(tool)), ('dialect', toString(dialect)), ('error_type', toString(error_type))] AS facet
WHERE project = {project:String} AND NOT pending AND facet.2 != ''
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
GROUP BY field, value
ORDER BY field, count DESC, value
LIMIT {limit:UInt32} BY field
LIMIT 10000
