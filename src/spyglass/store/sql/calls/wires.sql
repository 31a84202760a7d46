-- Calls that a watch read from connections and pipes, for store/twins.py; in order of time.
-- project String, lo_ns and hi_ns Int64: start, both included; received_ns Int64; limit UInt32
-- Columns: trace_id, span_id, kind, dialect, response_id, start_ns, end_ns, models, tool, has_usage, input_tokens, output_tokens, said (hashes), watch, host, pid
SELECT trace_id, span_id, toString(s.kind) AS kind, toString(s.dialect) AS dialect, s.response_id AS response_id, toUnixTimestamp64Nano(s.start) AS start_ns,
  start_ns + toInt64(s.duration_ns) AS end_ns, arrayFilter(name -> name != '', [toString(s.request_model), toString(s.response_model)]) AS models,
  toString(s.tool) AS tool, s.has_usage AS has_usage, s.input_tokens AS input_tokens, s.output_tokens AS output_tokens, s.output_messages AS said,
  s.resource_attributes['spyglass.watch.id'] AS watch, s.resource_attributes['host.id'] AS host, s.attributes['process.pid'] AS pid
FROM spans AS s
WHERE project = {project:String} AND s.dialect = 'watch' AND s.kind IN ('llm', 'embedding', 'tool') AND NOT s.pending
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY start, version DESC
LIMIT 1 BY trace_id, span_id
LIMIT {limit:UInt32}
