-- When log records told of some sessions: all that is known of those without spans and calls.
-- project String, sessions Array(String)
-- Columns: session_id, start, end
-- unbounded: the sessions are named
SELECT session_id, min(time) AS start, max(time) AS end
FROM events
WHERE project = {project:String} AND session_id IN ({sessions:Array(String)})
GROUP BY session_id
