-- How many executions that began in a range of time, or were heard of in it and began before (or later, by a clock that is ahead), stand how.
-- project String; lo_ns and hi_ns Int64: the range, its end not included; day_ns Int64: the day that the earliest arrival which matters lies in:
-- days are partitions, so that no column needs to be read to find those
-- /*among*/ and /*which*/: what is wanted, as a condition on rows and on runs, from read/runs.py; /*state*/: executions/state.sql
-- Columns: status, count
-- unbounded: a row per status
SELECT /*state*/ AS status, toInt64(count()) AS count
FROM (
  SELECT key, min(r.begin) AS begin, toInt64(bitAnd(begin, 2305843009213693951)) AS begin_ns, max(r.heard_ns) AS heard_ns,
    min(r.ended.at_ns) AS ended_ns, argMin(r.ended.outcome, r.ended.at_ns) AS outcome, max(r.waiting.at_ns) AS waiting_ns, max(r.resumed_ns) AS resumed_ns,
    max(r.stalled.heard_ns) AS stalled_ns, max(r.abandoned.heard_ns) AS abandoned_ns, max(r.acted) AS acted, max(r.agent) AS agent, max(r.session_id) AS session_id
  FROM runs AS r
  WHERE project = {project:String} AND _partition_id >= toString(toYYYYMMDD(fromUnixTimestamp64Nano({day_ns:Int64}, 'UTC'))) AND (/*among*/)
  GROUP BY key)
WHERE (begin_ns < {hi_ns:Int64} OR heard_ns < {hi_ns:Int64} AND heard_ns >= {lo_ns:Int64}) AND (begin_ns >= {lo_ns:Int64} OR heard_ns >= {lo_ns:Int64})
  AND (/*which*/)
GROUP BY status
ORDER BY count DESC, status
