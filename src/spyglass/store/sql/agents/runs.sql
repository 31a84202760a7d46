-- The spans of the latest traces in which an agent ran, as far as finding who called whom needs them; latest trace first.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; agent String: empty for all agents; traces and limit UInt32
-- Columns: trace_id, span_id, parent_span_id, agent (of agent spans; else empty), failed, pending, duration_ns, start_ns
SELECT trace_id, span_id, parent_span_id, if(s.kind = 'agent', toString(s.agent), '') AS agent, s.status = 'error' AS failed, s.pending AS pending,
  s.duration_ns AS duration_ns, toUnixTimestamp64Nano(s.start) AS start_ns
FROM spans AS s FINAL
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND trace_id IN (
    SELECT trace_id FROM spans
    WHERE project = {project:String} AND kind = 'agent' AND ({agent:String} = '' OR agent = {agent:String})
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    GROUP BY trace_id ORDER BY max(start) DESC, trace_id LIMIT {traces:UInt32})
LIMIT {limit:UInt32}
