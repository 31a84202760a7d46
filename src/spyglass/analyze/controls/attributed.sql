-- Calls of models and tools that no agent answers for: none made them, and none ran above them.
-- project String: empty for all; lo_ns and hi_ns Int64: arrival, hi not included; limit UInt32
-- Columns: project, seen (how many it is about), failed, examples (`trace/span`, at most 20)
SELECT toString(c.project) AS project, count() AS seen, countIf(c.failed) AS failed,
  arraySlice(groupArrayIf(20)(concat(lower(hex(c.trace_id)), '/', lower(hex(c.span_id))), c.failed), 1, 20) AS examples
FROM (
  SELECT project, trace_id, span_id, agent = '' AS failed
  FROM calls
  WHERE ({project:String} = '' OR project = {project:String})
    AND received >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND received < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND kind IN ('llm', 'tool')) AS c
GROUP BY project
ORDER BY project
LIMIT {limit:UInt32}
