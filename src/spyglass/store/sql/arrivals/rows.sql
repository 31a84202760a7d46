-- Records of all projects in the order in which they arrived, every copy: what analyzers are shown again.
-- after_ns and until_ns Int64: arrival, both not included; limit UInt32: rows, and those that arrived with the last of them
-- /*columns*/, /*table*/: those of model.schema, and for spans version
SELECT /*columns*/
FROM /*table*/
WHERE received > fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC') AND received < fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
ORDER BY received
LIMIT {limit:UInt32} WITH TIES
