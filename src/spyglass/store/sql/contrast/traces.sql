-- Traces with what they have in common with others: who took part, with which models, tools and versions, which tool followed which; and whether they belong to the ones that are asked about.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit UInt32: traces, chosen by a hash of their id, so that none is preferred
-- /*filter*/: spans, one of which a trace must have; /*picked*/: spans, one of which a trace must have to be among the ones that are asked about
-- Columns: trace (hex), picked (0 or 1), features: field and value, a tab between them
SELECT lower(hex(trace_id)) AS trace, max(trace_id IN (
    SELECT trace_id FROM spans
    WHERE project = {project:String} AND NOT pending
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND (/*picked*/))) AS picked,
  arrayMap(one -> one.2, arraySlice(arraySort(groupUniqArrayIf(1000)((s.start, toString(s.tool), span_id), s.tool != '')), 1, 1000)) AS tools,
  arrayConcat(
    groupUniqArrayArray(400)(arrayFilter(one -> one != '' AND NOT endsWith(one, '\t'), [
      concat('agent\t', toString(s.agent)), concat('service\t', toString(s.service)), concat('environment\t', toString(s.environment)),
      concat('workflow\t', toString(s.workflow)), concat('provider\t', toString(s.provider)), concat('model\t', toString(s.model)), concat('tool\t', toString(s.tool)),
      concat('user_id\t', toString(s.user_id)), concat('error_type\t', toString(s.error_type)),
      if(s.agent_version = '', '', concat('agent_version\t', toString(s.agent), ' ', toString(s.agent_version))),
      if(s.status = 'error' AND s.tool != '', concat('tool_failed\t', toString(s.tool)), '')])),
    arrayDistinct(arrayMap((first, second) -> concat('step\t', first, ' → ', second), arrayPopBack(tools), arrayPopFront(tools))),
    [concat('tool_calls\t', multiIf(empty(tools), '0', length(tools) <= 2, '1 to 2', length(tools) <= 5, '3 to 5', length(tools) <= 10, '6 to 10', length(tools) <= 20, '11 to 20', 'more than 20'))]) AS features
FROM spans AS s
WHERE project = {project:String} AND NOT s.pending
  AND s.start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND s.start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND trace_id IN (
    SELECT trace_id FROM spans
    WHERE project = {project:String} AND NOT pending
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND (/*filter*/)
    GROUP BY trace_id
    ORDER BY cityHash64(trace_id), trace_id
    LIMIT {limit:UInt32})
GROUP BY trace_id
ORDER BY trace_id
LIMIT {limit:UInt32}
