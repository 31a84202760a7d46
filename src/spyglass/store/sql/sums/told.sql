-- A fragment: what is told of calls that started in a range, for `told` in sums/rows.sql.
-- project String; lo_ns and hi_ns Int64: start, hi not included; received_ns Int64
-- unbounded: as bounded as what it is put into
SELECT call_key, start, received, duration_ns, kind, source, failed, trace_id, session_id, response_id, service, agent, agent_version, model, tool, input_tokens, output_tokens,
  cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, time_to_first_chunk_s
FROM tellings FINAL
WHERE project = {project:String} AND counted
  AND /*hours*/
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
