-- What is told of some executions, one row each.
-- project String
-- /*these*/: which, by id or by key, from read/executions.py; /*state*/: executions/state.sql
-- Columns: id, key, source (span, event), status, begin_ns and told_by (0 a start, 1 a creation, 2 anything else), ended_ns (the largest number while it runs), heard_ns, what
--   the end told, waiting_for (what it waited for last), stalled_at_ns and abandoned_at_ns (0: never), trace_id and span_id (zeros: none), who and where, parent_id, forked_from,
--   forked_at_step, input and output (their begins), last_step and last_step_ns, steps, failed_steps, memory_bytes and cpu_s (0: not told), begun_last_ns, ended_last_ns
-- unbounded: the executions are named, and runs longer than a day lie in many partitions
SELECT id, key, if(spoken = 2, 'span', 'event') AS source, /*state*/ AS status, toInt64(bitAnd(begin, 2305843009213693951)) AS begin_ns, bitShiftRight(begin, 61) AS told_by,
  ended_ns, heard_ns, ended.error_type AS error_type, ended.message AS status_message, waiting.what AS waiting_for, stalled.at_ns AS stalled_at_ns, abandoned.at_ns AS abandoned_at_ns,
  at.trace_id AS trace_id, at.span_id AS span_id, title.name AS name, agent, agent_id, agent_version, session_id, user_id, service, environment, task_id,
  parent_id, forked_from, forked_at_step, input, ended.output AS output, step.name AS last_step, step.at_ns AS last_step_ns, greatest(step_events, steps_told) AS steps,
  failed_steps, memory_bytes, cpu_s, begun_last_ns, ended_last_ns
FROM (
  SELECT id, key, max(r.spoken) AS spoken, max(r.heard_ns) AS heard_ns, min(r.begin) AS begin,
    min(r.ended) AS ended, ended.at_ns AS ended_ns, ended.outcome AS outcome, max(r.waiting) AS waiting, waiting.at_ns AS waiting_ns, max(r.resumed_ns) AS resumed_ns,
    max(r.stalled) AS stalled, stalled.heard_ns AS stalled_ns, max(r.abandoned) AS abandoned, abandoned.heard_ns AS abandoned_ns,
    max(r.acted) AS acted, max(r.at) AS at, max(r.title) AS title, max(r.agent) AS agent, max(r.agent_id) AS agent_id, max(r.agent_version) AS agent_version,
    max(r.session_id) AS session_id, max(r.user_id) AS user_id, max(r.service) AS service, max(r.environment) AS environment, max(r.task_id) AS task_id,
    max(r.parent_id) AS parent_id, max(r.forked_from) AS forked_from, max(r.forked_at_step) AS forked_at_step, max(r.input) AS input, max(r.step) AS step,
    toUInt32(uniqMerge(r.steps)) AS step_events, max(r.steps_told) AS steps_told, toUInt32(uniqMerge(r.failed_steps)) AS failed_steps,
    max(r.memory_bytes) AS memory_bytes, max(r.cpu_s) AS cpu_s, max(r.begun_last_ns) AS begun_last_ns, max(r.ended_last_ns) AS ended_last_ns
  FROM runs AS r
  WHERE project = {project:String} AND (/*these*/)
  GROUP BY key, id)
