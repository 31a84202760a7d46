-- What a list shows of each session, over its whole life.
-- project String, sessions Array(String)
-- Columns: session_id, start, end, traces, spans, errors, users, agents, first_input, last_output
-- unbounded: the sessions are named
SELECT session_id, min(s.start) AS start, max(s.start + toIntervalNanosecond(s.duration_ns)) AS end, uniqExact(s.trace_id) AS traces,
  uniqExact(s.trace_id, s.span_id) AS spans, uniqExactIf((s.trace_id, s.span_id), s.status = 'error') AS errors,
  arraySort(groupUniqArrayIf(20)(s.user_id, s.user_id != '')) AS users,
  arraySort(groupUniqArrayIf(20)(toString(s.agent), s.agent != '')) AS agents,
  argMinIf(leftUTF8(s.input, 300), s.start, s.input != '') AS first_input,
  argMaxIf(leftUTF8(s.output, 300), s.start, s.output != '') AS last_output
FROM spans AS s
WHERE project = {project:String} AND session_id IN ({sessions:Array(String)})
GROUP BY session_id
