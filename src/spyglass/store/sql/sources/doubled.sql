-- Model spans that tell of a call which another span tells of too, by the pair of instrumentations.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; limit UInt32
-- Columns: service, scope_name, spans (model spans), calls (that stand for themselves)
SELECT s.service AS service, s.scope_name AS scope_name, count() AS spans,
  countIf((s.trace_id, s.span_id) IN (
    SELECT trace_id, span_id FROM tellings FINAL
    WHERE project = {project:String} AND counted AND kind = 'llm'
      AND /*hours*/
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))) AS calls
FROM spans AS s FINAL
WHERE project = {project:String} AND s.kind = 'llm' AND NOT s.pending
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY service, scope_name
LIMIT {limit:UInt32}
