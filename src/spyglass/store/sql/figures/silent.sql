-- Runs of agents that went silent: those that have stalled, and those that were given up lately.
-- project String; received_ns Int64: the earliest arrival; lo_ns Int64: since when runs that were given up count; limit UInt32
-- /*state*/: executions/state.sql
-- Columns: agent, stalled_runs, abandoned_runs
SELECT agent, countIf(status = 'stalled') AS stalled_runs, countIf(status = 'abandoned' AND given_up_ns >= {lo_ns:Int64}) AS abandoned_runs
FROM (
  SELECT agent, given_up_ns, /*state*/ AS status
  FROM (
    SELECT id, max(r.agent) AS agent, min(r.ended.at_ns) AS ended_ns, '' AS outcome, max(r.waiting.at_ns) AS waiting_ns, max(r.resumed_ns) AS resumed_ns,
      max(r.stalled.heard_ns) AS stalled_ns, max(r.abandoned.heard_ns) AS abandoned_ns, max(r.abandoned.at_ns) AS given_up_ns, max(r.heard_ns) AS heard_ns,
      max(r.acted) AS acted, min(r.begin) AS begin
    FROM runs AS r
    WHERE project = {project:String} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND key IN (
        SELECT key FROM runs AS r
        WHERE project = {project:String} AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND (r.stalled.heard_ns > 0 OR r.abandoned.heard_ns > 0))
    GROUP BY key, id))
WHERE agent != ''
GROUP BY agent
HAVING stalled_runs > 0 OR abandoned_runs > 0
ORDER BY agent
LIMIT {limit:UInt32}
