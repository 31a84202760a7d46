-- Findings of analyzers, grouped by what they are about and what was found: one row per fingerprint, latest first.
-- Of those told at the same time the worst counts as the latest: a batch may bring all of an attack at once.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; limit and skip UInt32; what stands for the mark `having` binds its own
-- Columns: fingerprint, analyzer, version, rule, severity, title, agent, metric, suggestion, owasp, tool, source, confidence, impact (of the latest), count, first_seen, last_seen, observed, expected_low, expected_high, unit,
--   probability, budget, peers, compared, cause (of the latest, as they were told; empty: not told), evidence (JSON list), trace_id, span_id
SELECT fingerprint, argMax(f.analyzer, f.at) AS analyzer, argMax(f.version, f.at) AS version, argMax(f.rule, f.at) AS rule, argMax(f.severity, f.at) AS severity,
  argMax(f.title, f.at) AS title, argMax(f.agent, f.at) AS agent, argMax(f.metric, f.at) AS metric, argMax(f.suggestion, f.at) AS suggestion, argMax(f.owasp, f.at) AS owasp,
  argMax(f.tool, f.at) AS tool, argMax(f.source, f.at) AS source, argMax(f.confidence, f.at) AS confidence, argMax(f.impact, f.at) AS impact,
  count() AS count, min(f.time) AS first_seen, max(f.time) AS last_seen, argMax(f.observed, f.at) AS observed, argMax(f.expected_low, f.at) AS expected_low,
  argMax(f.expected_high, f.at) AS expected_high, argMax(f.unit, f.at) AS unit, argMax(f.probability, f.at) AS probability, argMax(f.budget, f.at) AS budget,
  argMax(f.peers, f.at) AS peers, argMax(f.compared, f.at) AS compared, argMax(f.cause, f.at) AS cause, argMax(f.evidence, f.at) AS evidence, argMax(f.trace_id, f.at) AS trace_id, argMax(f.span_id, f.at) AS span_id
FROM (
  SELECT attributes['spyglass.finding.fingerprint'] AS fingerprint, (e.time, indexOf(['info', 'warning', 'error', 'critical'], attributes['spyglass.finding.severity']), toFloat64OrZero(attributes['spyglass.finding.observed']), e.event_id) AS at, e.time AS time, e.event_id AS event_id, e.trace_id AS trace_id, e.span_id AS span_id,
    toString(e.agent) AS agent, e.body AS title, attributes['spyglass.finding.analyzer'] AS analyzer, attributes['spyglass.finding.version'] AS version,
    attributes['spyglass.finding.rule'] AS rule, attributes['spyglass.finding.severity'] AS severity, attributes['spyglass.finding.metric'] AS metric,
    attributes['spyglass.finding.suggestion'] AS suggestion, attributes['spyglass.finding.owasp'] AS owasp, attributes['spyglass.finding.observed'] AS observed,
    attributes['spyglass.finding.expected_low'] AS expected_low, attributes['spyglass.finding.expected_high'] AS expected_high, attributes['spyglass.finding.unit'] AS unit,
    attributes['spyglass.finding.probability'] AS probability, attributes['spyglass.finding.budget'] AS budget, attributes['spyglass.finding.peers'] AS peers,
    attributes['spyglass.finding.compared'] AS compared, attributes['spyglass.finding.cause'] AS cause,
    attributes['spyglass.finding.evidence'] AS evidence, attributes['gen_ai.tool.name'] AS tool, attributes['client.address'] AS source,
    attributes['spyglass.finding.details.confidence'] AS confidence, attributes['spyglass.finding.details.impact'] AS impact
  FROM events AS e
  WHERE project = {project:String} AND e.event_name = 'finding' AND e.scope_name = 'spyglass.server'
    AND e.time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND e.time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND e.received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
    AND (/*filter*/)
  LIMIT 1 BY e.event_id) AS f
GROUP BY fingerprint
HAVING (/*having*/)
ORDER BY last_seen DESC, fingerprint
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
