-- Traces with a matching span, ranked by the name that the list shows: of the root, or of the first span while the root has not come. Upper and lower case are one, and names
-- that begin with the same 200 characters are equal.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; after_name and after_trace String (hex): end of the page before; limit UInt32
-- begun Bool: there is a page before; /*matching*/: traces/matching.sql; /*further*/ and /*direction*/: as in traces/matches.sql
-- Columns: trace_id, figure (text)
-- Which indexes are left out, and why: traces/ranked_by_duration.sql
SELECT trace_id, argMin(lowerUTF8(leftUTF8(toString(s.name), 200)), (s.parent_span_id != toFixedString('', 8), s.start, bitNot(s.version))) AS figure
FROM spans AS s
WHERE project = {project:String}
  AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND (/*matching*/)
GROUP BY trace_id
HAVING NOT {begun:Bool} OR (figure, trace_id) /*further*/ ({after_name:String}, toFixedString(unhex({after_trace:String}), 16))
ORDER BY figure /*direction*/, trace_id /*direction*/
LIMIT {limit:UInt32}
SETTINGS ignore_data_skipping_indices = 'ix_kind,ix_model,ix_agent,ix_tool,ix_status,ix_duration,ix_received'
