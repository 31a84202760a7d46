-- Values of the usual fields with their counts among the spans that match. A span that came more than once counts once. Grouped before it is taken apart: few
-- combinations of values are much less than all spans ten times.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit UInt32: values of one field
-- Columns: field, value, count, errors
WITH alike AS (
  SELECT kind, status, service, environment, agent, model, provider, tool, dialect, error_type, count() AS spans
  FROM spans FINAL
  WHERE project = {project:String} AND NOT pending
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  GROUP BY kind, status, service, environment, agent, model, provider, tool, dialect, error_type)
SELECT facet.1 AS field, facet.2 AS value, sum(a.spans) AS count, sumIf(a.spans, a.status = 'error') AS errors
FROM alike AS a
ARRAY JOIN [('kind', toString(kind)), ('status', toString(status)), ('service', toString(service)), ('environment', toString(environment)), ('agent', toString(agent)),
  ('model', toString(model)), ('provider', toString(provider)), ('tool', toString(tool)), ('dialect', toString(dialect)), ('error_type', toString(error_type))] AS facet
WHERE facet.2 != ''
GROUP BY field, value
ORDER BY field, count DESC, value
LIMIT {limit:UInt32} BY field
LIMIT 10000
