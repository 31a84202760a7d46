-- What calls of tools came to nothing, per agent and tool: those that failed, that repeat an earlier one of their run, and whose results no model read. Each call counts once.
-- project String, lo_ns and hi_ns Int64: start of calls, hi not included; received_ns Int64; call_agent String: the nearest agent above, empty for all; calls UInt32: the latest that are looked at;
-- over_ns Int64: traces of which nothing arrived since count as over; limit UInt32
-- Columns: agent, tool, calls, errors, duration_ns, failed_ns, comparable (successful calls whose arguments are known), repeated (of these), judged (successful calls in traces that are over and have
--   calls of models), unread (of these), result_bytes (of successful calls), traces, last_ns (start), trace_id, span_id (hex, of the latest call that was wasted, else of the latest), looked_at (of all rows)
WITH told AS (
  SELECT call_key, start, received, duration_ns, trace_id, span_id, session_id, response_id, service, agent, tool, kind, source, failed
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')),
  mine AS (
  SELECT trace_id, span_id, toString(agent) AS agent, toString(tool) AS tool, start, duration_ns, failed, toUnixTimestamp64Nano(start) + duration_ns AS end_ns
  FROM told
  WHERE /*once*/
    AND kind = 'tool' AND tool != '' AND ({call_agent:String} = '' OR agent = {call_agent:String})
  ORDER BY start DESC, span_id
  LIMIT {calls:UInt32})
SELECT t.agent AS agent, t.tool AS tool, count() AS calls, countIf(t.failed) AS errors, sum(t.duration_ns) AS duration_ns, sumIf(t.duration_ns, t.failed) AS failed_ns,
  countIf(t.is_known) AS comparable, countIf(t.is_known AND t.nth > 1) AS repeated, countIf(t.is_judged) AS judged, countIf(t.is_judged AND t.last_model_ns < t.end_ns) AS unread,
  sumIf(t.result_bytes, NOT t.failed) AS result_bytes, uniqExact(t.trace_id) AS traces, toUnixTimestamp64Nano(max(t.start)) AS last_ns,
  lower(hex(argMax(t.trace_id, (t.was_wasted, t.start)))) AS trace_id, lower(hex(argMax(t.span_id, (t.was_wasted, t.start)))) AS span_id, sum(count()) OVER () AS looked_at
FROM (
  SELECT c.agent AS agent, c.tool AS tool, c.trace_id AS trace_id, c.span_id AS span_id, c.start AS start, c.duration_ns AS duration_ns, c.failed AS failed, c.end_ns AS end_ns,
    s.result_bytes AS result_bytes, NOT c.failed AND s.given != 0 AS is_known, m.last_model_ns AS last_model_ns,
    NOT c.failed AND m.last_model_ns > 0 AND m.arrived_ns < {over_ns:Int64} AS is_judged,
    row_number() OVER (PARTITION BY c.trace_id, c.agent, c.tool, s.given, s.got, NOT c.failed AND s.given != 0 ORDER BY c.start, c.span_id) AS nth,
    c.failed OR (is_known AND nth > 1) OR (is_judged AND last_model_ns < end_ns) AS was_wasted
  FROM mine AS c
  LEFT JOIN (
    SELECT trace_id, span_id, if(input = '', 0, cityHash64(input)) AS given, cityHash64(output) AS got, length(output) AS result_bytes
    FROM spans
    WHERE project = {project:String} AND (trace_id, span_id) IN (SELECT trace_id, span_id FROM mine)
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND NOT pending
    ORDER BY version DESC
    LIMIT 1 BY trace_id, span_id) AS s ON c.trace_id = s.trace_id AND c.span_id = s.span_id
  LEFT JOIN (
    SELECT trace_id, maxIf(toUnixTimestamp64Nano(start), kind = 'llm') AS last_model_ns, toUnixTimestamp64Nano(max(received)) AS arrived_ns
    FROM told
    WHERE trace_id != toFixedString('', 16)
    GROUP BY trace_id) AS m ON c.trace_id = m.trace_id) AS t
GROUP BY agent, tool
ORDER BY calls DESC, agent, tool
LIMIT {limit:UInt32}
