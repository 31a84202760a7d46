-- Traces with a matching span, ranked by their whole duration (ns); without a condition every trace that overlaps the time range.
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64; after Int64 and after_trace String (hex): end of the page before; limit UInt32
-- /*matching*/: traces/matching.sql; /*further*/ and /*direction*/: as in traces/matches.sql
-- Columns: trace_id, figure
-- The indexes left out say which values of a few bytes per row some thousand rows have: where most of them have what is asked, reading these indexes costs a fifth of all,
-- and where few do, reading the columns in their place costs no more.
SELECT trace_id, toInt64(toUnixTimestamp64Nano(max(t.end)) - toUnixTimestamp64Nano(min(t.start))) AS figure
FROM traces AS t
WHERE project = {project:String} AND (/*matching*/)
GROUP BY trace_id
HAVING toUnixTimestamp64Nano(max(t.end)) >= {lo_ns:Int64} AND toUnixTimestamp64Nano(min(t.start)) < {hi_ns:Int64}
  AND (figure, trace_id) /*further*/ ({after:Int64}, toFixedString(unhex({after_trace:String}), 16))
ORDER BY figure /*direction*/, trace_id /*direction*/
LIMIT {limit:UInt32}
SETTINGS ignore_data_skipping_indices = 'ix_kind,ix_model,ix_agent,ix_tool,ix_status,ix_duration,ix_received'
