-- How some executions stand.
-- project String, ids Array(String)
-- /*state*/: executions/state.sql
-- Columns: id, status
-- unbounded: the executions are named
SELECT id, /*state*/ AS status
FROM (
  SELECT r.id AS id, max(r.heard_ns) AS heard_ns, min(r.begin) AS begin, min(r.ended.at_ns) AS ended_ns, argMin(r.ended.outcome, r.ended.at_ns) AS outcome,
    max(r.waiting.at_ns) AS waiting_ns, max(r.resumed_ns) AS resumed_ns, max(r.stalled.heard_ns) AS stalled_ns, max(r.abandoned.heard_ns) AS abandoned_ns,
    max(r.acted) AS acted
  FROM runs AS r
  WHERE project = {project:String} AND key IN (SELECT cityHash64(arrayJoin({ids:Array(String)}))) AND id IN ({ids:Array(String)})
  GROUP BY id)
