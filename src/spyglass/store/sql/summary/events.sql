-- Sessions, users and agents that log records tell of.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64
-- Columns: agents, sessions, users (arrays of names, at most 10,000)
SELECT arraySort(groupUniqArrayIf(10000)(toString(agent), agent != '')) AS agents,
  arraySort(groupUniqArrayIf(10000)(session_id, session_id != '')) AS sessions,
  arraySort(groupUniqArrayIf(10000)(user_id, user_id != '')) AS users
FROM events
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*filter*/)
LIMIT 1
