-- Calls of risky tools without a human approval before them in the same trace.
-- project String: empty for all; lo_ns and hi_ns Int64: arrival, hi not included; limit UInt32; risky String: a regular expression of tools
-- Columns: project, seen (how many it is about), failed, examples (`trace/span`, at most 20)
SELECT toString(c.project) AS project, count() AS seen, countIf(c.failed) AS failed,
  arraySlice(groupArrayIf(20)(concat(lower(hex(c.trace_id)), '/', lower(hex(c.span_id))), c.failed), 1, 20) AS examples
FROM (
  SELECT project, trace_id, span_id, trace_id NOT IN (
    SELECT trace_id FROM events
    WHERE event_name IN ('human.approval', 'approval.granted')
      AND received >= fromUnixTimestamp64Nano({lo_ns:Int64} - 86400000000000, 'UTC') AND received < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')) AS failed
  FROM spans FINAL
  WHERE ({project:String} = '' OR project = {project:String})
    AND received >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND received < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND NOT pending
    AND kind = 'tool' AND match(toString(tool), {risky:String})) AS c
GROUP BY project
ORDER BY project
LIMIT {limit:UInt32}
