-- A fragment: all traces with a span that matches within the time range, those without calls too.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64
-- unbounded: the page is cut outside
SELECT m.trace_id AS trace_id, f.figure AS figure
FROM (
  SELECT DISTINCT trace_id FROM spans
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)) AS m
LEFT JOIN figures AS f ON m.trace_id = f.trace_id
