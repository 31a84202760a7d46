-- Model calls that runners saw in plaintext of connections, in a range of time.
-- project String, lo_ns and hi_ns Int64: start, both included; received_ns Int64; limit UInt32
-- Columns: trace_id, span_id, parent_span_id, model, response_id, start_ns, duration_ns, pid, host_id, server, peer, port, watch
SELECT trace_id, span_id, parent_span_id, toString(model) AS model, response_id, toUnixTimestamp64Nano(s.start) AS start_ns, duration_ns,
  s.attributes['process.pid'] AS pid, s.resource_attributes['host.id'] AS host_id, s.attributes['server.address'] AS server,
  s.attributes['network.peer.address'] AS peer, s.attributes['network.peer.port'] AS port,
  s.resource_attributes['spyglass.watch.id'] AS watch
FROM spans AS s
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND s.attributes['spyglass.evidence'] IN ('tls', 'http') AND s.kind IN ('llm', 'embedding', 'reranker')
ORDER BY version DESC
LIMIT 1 BY span_id
LIMIT {limit:UInt32}
