-- What went into some spans and came out: the begins, and the messages that they name last.
-- project String, traces and spans Array(String): hex; received_ns and last_received_ns Int64: when they arrived; messages UInt8: most per span and direction
-- /*where*/: bounds of start, from read/whereabouts.py
-- Columns: id (of trace and span, as runs have it), input, output, asked and answered (hashes of messages, hex, in order), scopes (that they are kept under)
-- unbounded: the spans are named
SELECT concat(lower(hex(s.trace_id)), '-', lower(hex(s.span_id))) AS id, leftUTF8(s.input, 300) AS input, leftUTF8(s.output, 300) AS output,
  arrayMap(one -> lower(hex(one)), arraySlice(s.input_messages, -toInt16({messages:UInt8}))) AS asked,
  arrayMap(one -> lower(hex(one)), arraySlice(s.output_messages, -toInt16({messages:UInt8}))) AS answered,
  arrayFilter(one -> one != '', [s.session_id, lower(hex(s.trace_id))]) AS scopes
FROM spans AS s
WHERE project = {project:String} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
  AND span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({last_received_ns:Int64}, 'UTC')
  AND (/*where*/)
ORDER BY s.version DESC
LIMIT 1 BY trace_id, span_id
