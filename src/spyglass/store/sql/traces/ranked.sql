-- Traces with a matching span, ranked by a figure of all their spans in the time range: what the list shows of each is of the whole trace, too.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; after Int64 and after_trace String (hex): end of the page before; limit UInt32
-- /*figure*/: errors or spans; /*counted*/: spans that can add to it; /*matching*/: traces/matching.sql; /*further*/ and /*direction*/: as in traces/matches.sql
-- Columns: trace_id, figure
-- Which indexes are left out, and why: traces/ranked_by_duration.sql
SELECT trace_id, toInt64(/*figure*/) AS figure
FROM spans AS s
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*counted*/) AND (/*matching*/)
GROUP BY trace_id
HAVING (figure, trace_id) /*further*/ ({after:Int64}, toFixedString(unhex({after_trace:String}), 16))
ORDER BY figure /*direction*/, trace_id /*direction*/
LIMIT {limit:UInt32}
SETTINGS ignore_data_skipping_indices = 'ix_kind,ix_model,ix_agent,ix_tool,ix_status,ix_duration,ix_received'
