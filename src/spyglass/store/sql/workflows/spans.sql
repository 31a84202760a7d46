-- Spans of some traces, as far as the steps of a workflow need them. `label` is what a step is called: the name that its framework gives to the node, the agent, the tool.
-- project String, traces Array(String): hex; received_ns and last_received_ns Int64: when they arrived; limit UInt32
-- /*where*/: bounds of start, from read/whereabouts.py; /*called*/: workflows/name.sql
-- Columns: trace_id, span_id, parent_span_id, kind, label, plumbing, pending, failed, start_ns, duration_ns, agent, tool, error_type, status_message
SELECT trace_id, span_id, parent_span_id, toString(s.kind) AS kind,
  multiIf(s.kind = 'tool' AND s.tool != '', toString(s.tool), s.kind = 'agent' AND s.agent != '', toString(s.agent), s.kind = 'workflow', /*called*/, node != '', node,
    replaceRegexpOne(toString(s.name), '^(?:execute_tool|execute_task|invoke_agent|workflow_step|executor\\.process) ', '')) AS label,
  s.plumbing AS plumbing, s.pending AS pending, s.status = 'error' AS failed, toUnixTimestamp64Nano(s.start) AS start_ns, s.duration_ns AS duration_ns,
  toString(s.agent) AS agent, toString(s.tool) AS tool, toString(s.error_type) AS error_type, leftUTF8(s.status_message, 300) AS status_message,
  arrayFirst(told -> told != '', [s.attributes['executor.id'], s.attributes['flow.node.name'], s.attributes['haystack.component.name'], s.attributes['traceloop.entity.name']])
    AS node
FROM spans AS s FINAL
WHERE project = {project:String} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
ORDER BY s.start, trace_id, span_id
LIMIT {limit:UInt32}
