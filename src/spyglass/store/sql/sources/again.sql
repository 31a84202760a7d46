-- What may tell again what the span of a call tells: model spans that stand for no call, and log records of model calls; by source, each with 300 of them at random.
-- project String, lo_ns and hi_ns Int64: start or time, hi not included; received_ns Int64; limit UInt32
-- Columns: record (span, event), service, scope_name, count, examples (trace_id, response_id, session_id as text, ids in hex; start_ns)
SELECT 'span' AS record, service, scope_name, count() AS count,
  groupArraySample(300, 1)((hex(trace_id), response_id, '', toUnixTimestamp64Nano(start))) AS examples
FROM spans FINAL
WHERE project = {project:String} AND kind = 'llm' AND NOT pending
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (trace_id, span_id) NOT IN (
    SELECT trace_id, span_id FROM tellings FINAL
    WHERE project = {project:String} AND counted AND kind = 'llm'
      AND /*hours*/
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
GROUP BY service, scope_name
LIMIT {limit:UInt32}
UNION ALL
SELECT 'event' AS record, service, scope_name, count() AS count,
  groupArraySample(300, 1)((if(trace_id = toFixedString('', 16), '', hex(trace_id)), response_id, session_id, toUnixTimestamp64Nano(time))) AS examples
FROM events FINAL
WHERE project = {project:String} AND kind = 'llm'
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY service, scope_name
LIMIT {limit:UInt32}
