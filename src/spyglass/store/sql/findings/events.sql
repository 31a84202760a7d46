-- Log records that show a finding.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; events Array(String): their ids (hex); limit UInt32; shown UInt32: characters of texts
-- Columns: event_id (hex), name, severity, agent, tool, time_ns, trace_id, span_id (hex), text (its begin)
SELECT lower(hex(e.event_id)) AS event_id, toString(e.event_name) AS name, toString(e.severity) AS severity, toString(e.agent) AS agent, toString(e.tool) AS tool, toUnixTimestamp64Nano(e.time) AS time_ns,
  lower(hex(e.trace_id)) AS trace_id, lower(hex(e.span_id)) AS span_id, leftUTF8(e.body, {shown:UInt32}) AS text
FROM events AS e
WHERE project = {project:String} AND e.event_id IN (SELECT toFixedString(unhex(arrayJoin({events:Array(String)})), 16))
  AND e.time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND e.time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND e.received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
ORDER BY e.received DESC
LIMIT 1 BY e.event_id
LIMIT {limit:UInt32}
