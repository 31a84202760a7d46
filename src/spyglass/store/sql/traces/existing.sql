-- A fragment: traces that have spans; calls are kept longer, and log records tell of some without any.
-- project String
-- unbounded: a condition
trace_id IN (SELECT trace_id FROM traces WHERE project = {project:String})
