-- Traces with a matching span, ranked by what their calls come to, each call counted once (calls/once.sql); traces without calls have 0.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; after Int64 and after_trace String (hex): end of the page before; limit UInt32
-- /*figure*/: cost, tokens or a number of calls; /*ranked*/: traces/ranked_with_calls.sql or traces/ranked_with_none.sql; /*matching*/: traces/matching.sql;
-- /*further*/ and /*direction*/: as in traces/matches.sql
-- Columns: trace_id, figure
WITH told AS (
  SELECT trace_id, session_id, response_id, service, kind, source, input_tokens, output_tokens, cost_usd
  FROM tellings FINAL
  WHERE project = {project:String} AND counted
    AND /*hours*/
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')),
figures AS (SELECT trace_id, toInt64(/*figure*/) AS figure FROM told AS c WHERE (source = 'transcript' OR /*once*/) AND (/*matching*/) GROUP BY trace_id)
SELECT trace_id, figure
FROM (/*ranked*/)
WHERE (figure, trace_id) /*further*/ ({after:Int64}, toFixedString(unhex({after_trace:String}), 16))
ORDER BY figure /*direction*/, trace_id /*direction*/
LIMIT {limit:UInt32}
