-- Traces with a matching span, ranked by the cost or the tokens of their calls, each call counted once (calls/once.sql); traces without calls come last.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; before Int64 and before_trace String (hex): end of the page before; limit UInt32
-- /*figure*/: cost or tokens
-- Columns: trace_id, figure
WITH told AS (
  SELECT trace_id, session_id, response_id, service, kind, source, input_tokens, output_tokens, cost_usd
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')),
figures AS (SELECT trace_id, toInt64(/*figure*/) AS figure FROM told AS c WHERE /*once*/ GROUP BY trace_id),
matching AS (
  SELECT DISTINCT trace_id
  FROM spans
  WHERE project = {project:String}
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/))
SELECT m.trace_id AS trace_id, f.figure AS figure
FROM matching AS m LEFT JOIN figures AS f ON m.trace_id = f.trace_id
WHERE (figure, hex(trace_id)) < ({before:Int64}, {before_trace:String})
ORDER BY figure DESC, hex(trace_id) DESC
LIMIT {limit:UInt32}
