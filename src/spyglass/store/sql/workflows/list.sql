-- Workflows that ran, last seen first.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit and skip UInt32
-- /*heads*/, /*called*/: workflows/heads.sql and workflows/name.sql
-- Columns: name, runs, failed_runs, running, p50_ns, p95_ns (of runs that ended; nan: none did), first_seen, last_seen, services, dialects
SELECT workflow_name AS name, count() AS runs, countIf(w.failed) AS failed_runs, countIf(w.open) AS running,
  quantileIf(0.5)(w.duration_ns, NOT w.open) AS p50_ns, quantileIf(0.95)(w.duration_ns, NOT w.open) AS p95_ns, min(w.start) AS first_seen, max(w.start) AS last_seen,
  arraySort(groupUniqArrayIf(20)(w.service, w.service != '')) AS services, arraySort(groupUniqArrayIf(20)(w.dialect, w.dialect != '')) AS dialects
FROM (
  SELECT /*called*/ AS workflow_name, s.status = 'error' AS failed, s.pending AS open, s.duration_ns AS duration_ns, s.start AS start, toString(s.service) AS service,
    toString(s.dialect) AS dialect
  FROM spans AS s FINAL
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND /*heads*/) AS w
GROUP BY workflow_name
ORDER BY last_seen DESC, name
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
