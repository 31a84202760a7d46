-- Which of some projects have calls that spans do not tell of: only of these the rules of calls/once.sql have to be looked at, each for itself.
-- projects Array(String); received_ns Int64: the earliest arrival; limit UInt32
-- Columns: project
SELECT toString(project) AS project
FROM tellings
WHERE project IN {projects:Array(String)} AND source != 'span' AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY project
ORDER BY project
LIMIT {limit:UInt32}
