-- Spans of agents (also those that are part of an execution's run: kind `chain`, refine/folded.py) and of model calls of some traces, with what tells which version of the agent ran; whichever telling of a span knows most.
-- project String, traces Array(String): hex; lo_ns and hi_ns Int64: start, hi included; received_ns Int64; keys String: pattern of the attributes that are wanted; limit UInt32
-- Columns: trace, span and parent (hex), kind, agent, version, service, environment, model, pending, start_ns, end_ns, asked (hashes of the first two messages in, hex), keys, values
SELECT lower(hex(s.trace_id)) AS trace, lower(hex(s.span_id)) AS span, lower(hex(s.parent_span_id)) AS parent, toString(s.kind) AS kind, toString(s.agent) AS agent, toString(s.agent_version) AS version,
  toString(s.service) AS service, toString(s.environment) AS environment, if(s.request_model != '', toString(s.request_model), toString(s.model)) AS model, s.pending AS pending,
  toUnixTimestamp64Nano(s.start) AS start_ns, toUnixTimestamp64Nano(s.start) + toInt64(s.duration_ns) AS end_ns,
  arrayMap(one -> lower(hex(one)), arraySlice(s.input_messages, 1, 2)) AS asked,
  mapKeys(mapFilter((key, value) -> match(key, {keys:String}), s.attributes)) AS keys, mapValues(mapFilter((key, value) -> match(key, {keys:String}), s.attributes)) AS values
FROM spans AS s
WHERE project = {project:String} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND s.start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND s.start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (s.kind IN ('agent', 'llm', 'create_agent') OR (s.kind = 'chain' AND s.attributes['spyglass.execution.within'] != '' AND s.agent != ''))
ORDER BY start_ns, trace, span, s.version DESC
LIMIT 1 BY trace, span
LIMIT {limit:UInt32}
