-- Which projects had calls that a watch read from connections lately, and when: what was told beside them may have to be looked at again.
-- received_ns Int64: arrivals since; limit UInt32
-- Columns: project, first_ns, last_ns
SELECT project, toUnixTimestamp64Nano(min(start)) AS first_ns, toUnixTimestamp64Nano(max(start)) AS last_ns
FROM tellings
WHERE received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND dialect = 'watch' AND kind IN ('llm', 'embedding', 'tool')
GROUP BY project
LIMIT {limit:UInt32}
