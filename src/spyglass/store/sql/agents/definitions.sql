-- The latest runs and model calls of an agent, with what was said to them first: their system prompts are among that. Calls are given to the nearest agent above them.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; agent String; limit UInt32
-- Columns: trace and span (hex), version (of the agent; where the span has none, as another one in the trace has it), start_ns, asked (hashes of the first two messages in, hex)
SELECT lower(hex(told.trace_id)) AS trace, lower(hex(told.span_id)) AS span, if(told.agent_version != '', told.agent_version, max(told.agent_version) OVER (PARTITION BY told.trace_id)) AS version, toUnixTimestamp64Nano(told.start) AS start_ns,
  arrayMap(one -> lower(hex(one)), arraySlice(told.input_messages, 1, 2)) AS asked
FROM (
  SELECT trace_id, span_id, toString(s.agent_version) AS agent_version, s.start AS start, s.input_messages AS input_messages
  FROM spans AS s
  WHERE project = {project:String}
    AND s.start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND s.start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND NOT s.pending
    AND ((s.agent = {agent:String} AND s.kind IN ('agent', 'llm', 'create_agent')) OR (trace_id, span_id) IN (
      SELECT trace_id, span_id FROM tellings
      WHERE project = {project:String} AND agent = {agent:String} AND kind = 'llm' AND source IN ('span', 'transcript')
        AND /*hours*/
        AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
        AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')))
  ORDER BY s.start DESC, trace_id, span_id
  LIMIT 1 BY trace_id, span_id
  LIMIT {limit:UInt32}
) AS told
ORDER BY start_ns DESC, trace, span
LIMIT {limit:UInt32}
