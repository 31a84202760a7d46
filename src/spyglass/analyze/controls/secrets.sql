-- Kept texts and messages in which something looks like a key or a password that should not have been kept.
-- project String: empty for all; lo_ns and hi_ns Int64: arrival, hi not included; limit UInt32
-- Columns: project, seen (how many it is about), failed, examples (`trace/span`, at most 20)
SELECT toString(c.project) AS project, count() AS seen, countIf(c.failed) AS failed,
  arraySlice(groupArrayIf(20)(concat(lower(hex(c.trace_id)), '/', lower(hex(c.span_id))), c.failed), 1, 20) AS examples
FROM (
  SELECT project, trace_id, span_id, match(told, 'AKIA[0-9A-Z]{16}|\\bsk-[A-Za-z0-9_-]{32,}|\\bgh[pousr]_[A-Za-z0-9]{36}|\\bxox[abprs]-[A-Za-z0-9-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.') AS failed
  FROM (
    SELECT project, trace_id, span_id, concat(input, ' ', output, ' ', status_message) AS told
    FROM spans FINAL
    WHERE ({project:String} = '' OR project = {project:String})
      AND received >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND received < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND NOT pending AND (input != '' OR output != '' OR status_message != '')
    UNION ALL
    SELECT project, trace_id, span_id, text AS told
    FROM messages FINAL
    WHERE ({project:String} = '' OR project = {project:String})
      AND received >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND received < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND text != '')) AS c
GROUP BY project
ORDER BY project
LIMIT {limit:UInt32}
