-- A fragment: rows of runs that a search finds, by the span of the agent or by any of their events.
-- project String; lo_ns and hi_ns Int64: the range; received_ns Int64
-- /*filter*/ and /*events*/: the search, for spans and for log records
-- unbounded: a condition on rows of a list that is bounded
r.id IN (
  SELECT if(s.attributes['spyglass.execution.operation'] != '' AND s.attributes['spyglass.execution.id'] != '', s.attributes['spyglass.execution.id'],
    concat(lower(hex(s.trace_id)), '-', lower(hex(s.span_id))))
  FROM spans AS s FINAL
  WHERE project = {project:String} AND s.kind = 'agent'
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  UNION ALL
  SELECT execution_id FROM events
  WHERE project = {project:String} AND execution_id != ''
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*events*/))
