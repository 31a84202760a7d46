-- The spans of traces in which an agent began runs, for analyze/paths; every copy of each. Of many traces some, chosen by a hash of their ids.
-- project String; run_agent String; lo_ns and hi_ns Int64: begin of runs, hi not included; until_ns Int64: begin of their spans; received_ns Int64; runs UInt32: traces;
-- limit UInt32
-- Columns: id and parent (hashes of trace and span id, parent 0: none), trace_id and span_id (hex), version, start (ns), duration_ns, kind, agent, model, tool, operation,
--   failed, asked (hash of the input), cost_usd
SELECT cityHash64(s.trace_id, s.span_id) AS id, if(s.parent_span_id = toFixedString('', 8), 0, cityHash64(s.trace_id, s.parent_span_id)) AS parent,
  lower(hex(s.trace_id)) AS trace_id, lower(hex(s.span_id)) AS span_id, s.version AS version, toUnixTimestamp64Nano(s.start) AS start, s.duration_ns AS duration_ns,
  toString(s.kind) AS kind, toString(s.agent) AS agent, toString(s.model) AS model, toString(s.tool) AS tool, toString(s.operation) AS operation,
  s.status = 'error' AS failed, cityHash64(s.input, s.input_messages) AS asked, s.cost_usd AS cost_usd
FROM spans AS s
WHERE s.project = {project:String} AND NOT s.pending
  AND s.start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND s.start < fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
  AND s.received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND s.trace_id IN (
    SELECT trace_id
    FROM spans
    WHERE project = {project:String} AND kind = 'agent' AND agent = {run_agent:String} AND NOT pending
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    GROUP BY trace_id
    ORDER BY cityHash64(trace_id), trace_id
    LIMIT {runs:UInt32})
ORDER BY cityHash64(s.trace_id), s.trace_id, s.start
LIMIT {limit:UInt32}
