-- The ways of an agent's runs: which tools it called in a trace, in order, and how many traces went the same way. Each call counts once (calls/once.sql).
-- project String, lo_ns and hi_ns Int64: start of calls, hi not included; received_ns Int64; call_agent String: the nearest agent above; runs UInt32: traces, the latest; steps UInt32: of a way; limit UInt32
-- Columns: version (that the agent told in the trace; empty: none), way (names of tools), cut (there are more steps), runs, last_ns (begin of the latest), trace_id (hex, of the latest)
WITH told AS (
  SELECT call_key, start, trace_id, span_id, session_id, response_id, service, agent, tool, kind, source
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')),
  mine AS (
  SELECT trace_id, span_id, start, toString(tool) AS tool
  FROM told
  WHERE /*once*/
    AND kind = 'tool' AND tool != '' AND agent = {call_agent:String} AND trace_id != toFixedString('', 16))
SELECT version, way, cut, count() AS runs, toUnixTimestamp64Nano(max(begun)) AS last_ns, lower(hex(argMax(trace_id, begun))) AS trace_id
FROM (
  SELECT r.trace_id AS trace_id, r.begun AS begun, toString(v.version) AS version, arrayMap(one -> one.3, arraySlice(r.calls, 1, {steps:UInt32})) AS way,
    length(r.calls) > {steps:UInt32} AS cut
  FROM (
    SELECT trace_id, min(start) AS begun, arraySort(groupArray(10000)((start, span_id, tool))) AS calls
    FROM mine
    WHERE trace_id IN (SELECT trace_id FROM mine GROUP BY trace_id ORDER BY min(start) DESC, trace_id LIMIT {runs:UInt32})
    GROUP BY trace_id) AS r
  LEFT JOIN (
    SELECT trace_id, argMax(agent_version, start) AS version
    FROM spans
    WHERE project = {project:String} AND agent = {call_agent:String} AND agent_version != ''
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND trace_id IN (SELECT trace_id FROM mine)
    GROUP BY trace_id) AS v ON r.trace_id = v.trace_id)
GROUP BY version, way, cut
ORDER BY last_ns DESC, version, way
LIMIT {limit:UInt32}
