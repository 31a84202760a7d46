-- Calls as users ask for them: one row per model call, embedding or tool execution, the same that /api/v1/summary counts. The rules are those of
-- sql/calls/once.sql, per project; the sub-selects look only at projects in which others than spans tell of calls.
-- And where the new costs of records stand while they are priced again (store/repricing.py).

CREATE VIEW IF NOT EXISTS calls AS
WITH told AS (
  SELECT project, start, received, duration_ns, source, trace_id, span_id, kind, failed, error_type, provider, model, agent, agent_version, tool, tool_call_id, workflow, service, environment,
    dialect, session_id, user_id, response_id, stream, has_usage, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source,
    time_to_first_chunk_s
  FROM tellings FINAL
  WHERE counted),
mixed AS (SELECT DISTINCT project FROM tellings WHERE source != 'span')
SELECT project, start, received, duration_ns, source, trace_id, span_id, kind, failed, error_type, provider, model, agent, agent_version, tool, tool_call_id, workflow, service, environment,
  dialect, session_id, user_id, response_id, stream, has_usage, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source,
  time_to_first_chunk_s
FROM told
WHERE source = 'span'
  OR (source = 'transcript'
    AND (session_id = '' OR (project, session_id, kind) NOT IN (SELECT project, session_id, kind FROM told WHERE source = 'span' AND project IN (SELECT project FROM mixed)))
    AND (response_id = '' OR (project, response_id) NOT IN (SELECT project, response_id FROM told WHERE source = 'span' AND project IN (SELECT project FROM mixed))))
  OR (source = 'event'
    AND (session_id = ''
      OR (project, session_id, kind) NOT IN (SELECT project, session_id, kind FROM told WHERE source IN ('span', 'transcript') AND project IN (SELECT project FROM mixed)))
    AND (response_id = '' OR (project, response_id) NOT IN (SELECT project, response_id FROM told WHERE source IN ('span', 'transcript') AND project IN (SELECT project FROM mixed)))
    AND (trace_id = toFixedString('', 16)
      OR (project, trace_id, kind) NOT IN (SELECT project, trace_id, kind FROM told WHERE source IN ('span', 'transcript') AND project IN (SELECT project FROM mixed))))
  OR (source = 'message'
    AND (project, service, kind) NOT IN (SELECT project, service, kind FROM told WHERE source != 'message' AND project IN (SELECT project FROM mixed)));

CREATE TABLE IF NOT EXISTS repriced (
  id UInt64,
  known Bool,
  cost_usd Float64,
  input_cost_usd Float64,
  output_cost_usd Float64,
  cost_source String
) ENGINE = Join(ANY, LEFT, id);
