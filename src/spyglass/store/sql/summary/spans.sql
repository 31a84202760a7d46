-- How many traces, spans, agents, sessions and users spans tell of; copies of a span count once.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64
-- Columns: traces, spans, agents, sessions, users (arrays of names, at most 10,000)
-- unbounded: one row
SELECT uniqExact(trace_id) AS traces, uniqExact(trace_id, span_id) AS spans,
  arraySort(groupUniqArrayIf(10000)(toString(agent), agent != '')) AS agents,
  arraySort(groupUniqArrayIf(10000)(session_id, session_id != '')) AS sessions,
  arraySort(groupUniqArrayIf(10000)(user_id, user_id != '')) AS users
FROM spans
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
LIMIT 1
