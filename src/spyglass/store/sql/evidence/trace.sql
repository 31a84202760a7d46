-- The trace of an agent's span.
-- project String, span String: its id in hex; limit UInt32
-- Columns: trace_id
-- unbounded: the span is named
SELECT trace_id FROM spans WHERE project = {project:String} AND span_id = toFixedString(unhex({span:String}), 8) AND kind = 'agent' LIMIT {limit:UInt32}
