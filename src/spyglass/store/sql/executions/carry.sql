-- Carries what is told of runs that go on over into a new day: their rows of the days before, added up, become a row of today's partition. Each column is what it
-- would be if all had been told today, and adding the same again changes nothing.
-- now_ns Int64: the arrival of the new rows; today_ns Int64: when the day began; since_ns Int64: runs that were not heard of since then are left behind
-- unbounded: it answers nothing
INSERT INTO runs (project, key, id, received, heard_ns, begin, begun_last_ns, ended, ended_last_ns, waiting, resumed_ns, stalled, abandoned, spoken, beats, acted, at, title,
  agent, agent_id, agent_version, session_id, user_id, service, environment, task_id, parent_id, forked_from, forked_at_step, input, step, steps, steps_told, failed_steps,
  memory_bytes, cpu_s)
SELECT r.project, r.key, r.id, fromUnixTimestamp64Nano({now_ns:Int64}, 'UTC'), max(r.heard_ns), min(r.begin), max(r.begun_last_ns), min(r.ended), max(r.ended_last_ns),
  max(r.waiting), max(r.resumed_ns), max(r.stalled), max(r.abandoned), max(r.spoken), max(r.beats), max(r.acted), max(r.at), max(r.title), max(r.agent), max(r.agent_id),
  max(r.agent_version), max(r.session_id), max(r.user_id), max(r.service), max(r.environment), max(r.task_id), max(r.parent_id), max(r.forked_from), max(r.forked_at_step),
  max(r.input), max(r.step), uniqMergeState(r.steps), max(r.steps_told), uniqMergeState(r.failed_steps), max(r.memory_bytes), max(r.cpu_s)
FROM runs AS r
WHERE r.received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC')
  AND r.key IN (
    SELECT key FROM runs AS o WHERE o.received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') GROUP BY key
    HAVING min(o.ended.at_ns) = 9223372036854775807 AND max(o.heard_ns) >= {since_ns:Int64}
      AND minIf(o.begin, o.received >= fromUnixTimestamp64Nano({today_ns:Int64}, 'UTC')) != min(o.begin))
GROUP BY r.project, r.key, r.id
