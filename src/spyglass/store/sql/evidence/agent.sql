-- An agent's span.
-- project String, trace and span String: its ids in hex; limit UInt32
-- Columns: span_id
-- unbounded: the span is named
SELECT span_id FROM spans
WHERE project = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16) AND span_id = toFixedString(unhex({span:String}), 8) AND kind = 'agent'
LIMIT {limit:UInt32}
