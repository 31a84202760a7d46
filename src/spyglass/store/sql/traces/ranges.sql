-- When traces happened and arrived; the way to open a trace without knowing its time.
-- project String, traces Array(String): hex
-- Columns: trace_id, start (ns), end (ns), first_received and last_received (ns), span_rows
-- unbounded: the traces are named
SELECT trace_id, toUnixTimestamp64Nano(min(t.start)) AS start, toUnixTimestamp64Nano(max(t.end)) AS end,
  toUnixTimestamp64Nano(min(t.first_received)) AS first_received,
  toUnixTimestamp64Nano(max(t.last_received)) AS last_received, sum(t.span_rows) AS span_rows
FROM traces AS t
WHERE trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)) AND project = {project:String}
GROUP BY trace_id
