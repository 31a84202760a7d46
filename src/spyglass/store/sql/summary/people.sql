-- How many agents, sessions and users there are, exactly; asked only where there are more than the summary lists.
-- project String, lo_ns and hi_ns Int64: start or time, hi not included; received_ns Int64
-- /*events*/: which log records tell of them too; /*points*/: whether metrics do
-- Columns: agents, sessions, users
SELECT uniqExactIf(agent, agent != '') AS agents, uniqExactIf(session_id, session_id != '') AS sessions, uniqExactIf(user_id, user_id != '') AS users
FROM (
  SELECT agent, session_id, user_id FROM spans
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  UNION ALL
  SELECT agent, session_id, user_id FROM events
  WHERE /*events*/ AND project = {project:String}
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  UNION ALL
  SELECT agent, session_id, user_id FROM points
  WHERE /*points*/ AND project = {project:String}
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
LIMIT 1
