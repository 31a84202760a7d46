-- Executions of tools that only messages told of lately, latest first: what is said again of them is not told again.
-- received_ns Int64: arrivals since; limit UInt32
-- Columns: call_key, start, tool
SELECT call_key, start, tool
FROM tellings
WHERE source = 'message' AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY received DESC
LIMIT {limit:UInt32}
