-- Executions that go on, of all projects, those that were heard of last first.
-- since_ns Int64: runs that were not heard of since then are left out; limit UInt32
-- /*state*/: executions/state.sql
-- Columns: project, id, agent, service, trace_id, span_id, heard_ns, status
SELECT project, id, agent, service, at.trace_id AS trace_id, at.span_id AS span_id, heard_ns, /*state*/ AS status
FROM (
  SELECT toString(r.project) AS project, any(r.id) AS id, max(r.agent) AS agent, max(r.service) AS service, max(r.at) AS at, max(r.heard_ns) AS heard_ns,
    min(r.begin) AS begin, min(r.ended.at_ns) AS ended_ns, '' AS outcome, max(r.waiting.at_ns) AS waiting_ns, max(r.resumed_ns) AS resumed_ns,
    max(r.stalled.heard_ns) AS stalled_ns, max(r.abandoned.heard_ns) AS abandoned_ns, max(r.acted) AS acted
  FROM runs AS r
  WHERE received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC')
  GROUP BY r.project, key)
WHERE ended_ns = 9223372036854775807 AND heard_ns >= {since_ns:Int64} AND status NOT IN ('created', 'abandoned')
ORDER BY heard_ns DESC, id
LIMIT {limit:UInt32}
