-- A fragment: traces with a span that matches within the time range.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64
-- unbounded: a condition
trace_id IN (
  SELECT trace_id FROM spans
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/))
