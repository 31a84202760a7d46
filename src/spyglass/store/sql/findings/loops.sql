-- Runs that went round in circles, as analyzers told of them last: one row per fingerprint, latest first.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; about String: an agent, empty for all; limit and skip UInt32
-- Columns: fingerprint, rule, severity, title, suggestion, agent, trace_id, span_id (hex), told (how often), first_ns (when it began), first_told_ns, last_ns, rounds, calls (JSON list of names),
--   run_calls, run_tokens, spent_usd, spent_since_usd (as they were told; empty: not told)
SELECT fingerprint, argMax(f.rule, f.at) AS rule, argMax(f.severity, f.at) AS severity, argMax(f.title, f.at) AS title, argMax(f.suggestion, f.at) AS suggestion,
  argMax(f.agent, f.at) AS agent, argMax(f.trace_id, f.at) AS trace_id, argMax(f.span_id, f.at) AS span_id, count() AS told, min(f.first_ns) AS first_ns,
  toUnixTimestamp64Nano(min(f.time)) AS first_told_ns, toUnixTimestamp64Nano(max(f.time)) AS last_ns, argMax(f.rounds, f.at) AS rounds, argMax(f.calls, f.at) AS calls,
  argMax(f.run_calls, f.at) AS run_calls, argMax(f.run_tokens, f.at) AS run_tokens, argMax(f.spent_usd, f.at) AS spent_usd, argMax(f.spent_since_usd, f.at) AS spent_since_usd
FROM (
  SELECT attributes['spyglass.finding.fingerprint'] AS fingerprint, (e.time, e.event_id) AS at, e.time AS time, toString(e.agent) AS agent, e.body AS title,
    lower(hex(e.trace_id)) AS trace_id, lower(hex(e.span_id)) AS span_id, attributes['spyglass.finding.rule'] AS rule, attributes['spyglass.finding.severity'] AS severity,
    attributes['spyglass.finding.suggestion'] AS suggestion, toInt64OrZero(attributes['spyglass.finding.first_seen_ns']) AS first_ns,
    attributes['spyglass.finding.details.rounds'] AS rounds, attributes['spyglass.finding.details.calls'] AS calls, attributes['spyglass.finding.details.run_calls'] AS run_calls,
    attributes['spyglass.finding.details.run_tokens'] AS run_tokens, attributes['spyglass.finding.details.spent_usd'] AS spent_usd,
    attributes['spyglass.finding.details.spent_since_usd'] AS spent_since_usd
  FROM events AS e
  WHERE project = {project:String} AND e.event_name = 'finding' AND e.scope_name = 'spyglass.server' AND attributes['spyglass.finding.analyzer'] = 'loops'
    AND ({about:String} = '' OR e.agent = {about:String})
    AND e.time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND e.time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND e.received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  LIMIT 1 BY e.event_id) AS f
GROUP BY fingerprint
ORDER BY last_ns DESC, fingerprint
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
