-- Executions, the runs of agents: what spans of agents and the events `execution.*` tell of each, kept in one row per id and day of arrival.
-- Every column is a min or a max (of a time that was not told: the largest number), so that records may come in any order and again, and the row is the same; only `steps` counts, distinct events.
-- Times within a run are its sender's (`_ns`); `heard_ns` is of our clock, because it is what liveness is judged by. What a row means, sql/executions/state.sql says.
-- A verdict is an event that the server itself told (it carries when it last had heard of the run): no sign of life.

CREATE TABLE IF NOT EXISTS runs (
  project LowCardinality(String),
  key UInt64 DEFAULT cityHash64(id) CODEC(Delta(8), ZSTD(1)), -- numbers are grouped in a third of the time that texts take
  id String CODEC(ZSTD(1)),
  received SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
  heard_ns SimpleAggregateFunction(max, Int64) CODEC(ZSTD(1)),
  begin SimpleAggregateFunction(min, UInt64) CODEC(ZSTD(1)), -- ns, and above bit 61 what tells it: 0 a start, 1 a creation, 2 anything else; 3: verdicts only
  begun_last_ns SimpleAggregateFunction(max, Int64) CODEC(ZSTD(1)), -- the latest start: not the first one where an id is used twice
  ended SimpleAggregateFunction(min, Tuple(at_ns Int64, outcome String, error_type String, message String, output String)) CODEC(ZSTD(1)), -- the first end stands
  ended_last_ns SimpleAggregateFunction(max, Int64) CODEC(ZSTD(1)),
  waiting SimpleAggregateFunction(max, Tuple(at_ns Int64, what String)) CODEC(ZSTD(1)),
  resumed_ns SimpleAggregateFunction(max, Int64) CODEC(ZSTD(1)),
  stalled SimpleAggregateFunction(max, Tuple(heard_ns Int64, at_ns Int64)) CODEC(ZSTD(1)),
  abandoned SimpleAggregateFunction(max, Tuple(heard_ns Int64, at_ns Int64)) CODEC(ZSTD(1)),
  spoken SimpleAggregateFunction(max, UInt8), -- 1: only events tell of it, 2: a span is it
  beats SimpleAggregateFunction(max, UInt8), -- it tells that it is alive, again and again
  acted SimpleAggregateFunction(max, UInt8), -- it did more than to be created
  at SimpleAggregateFunction(max, Tuple(rank UInt8, trace_id FixedString(16), span_id FixedString(8))) CODEC(ZSTD(1)), -- the span that it is, or stands at
  title SimpleAggregateFunction(max, Tuple(version UInt64, name String)) CODEC(ZSTD(1)),
  agent SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  agent_id SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  agent_version SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  session_id SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  user_id SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  service SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  environment SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  task_id SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  parent_id SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  forked_from SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
  forked_at_step SimpleAggregateFunction(max, UInt32) CODEC(ZSTD(1)),
  input SimpleAggregateFunction(max, String) CODEC(ZSTD(1)), -- the begin
  step SimpleAggregateFunction(max, Tuple(at_ns Int64, name String)) CODEC(ZSTD(1)), -- the last one
  steps AggregateFunction(uniq, FixedString(16)) CODEC(ZSTD(1)),
  steps_told SimpleAggregateFunction(max, UInt32) CODEC(ZSTD(1)),
  failed_steps AggregateFunction(uniq, FixedString(16)) CODEC(ZSTD(1)),
  memory_bytes SimpleAggregateFunction(max, UInt64) CODEC(ZSTD(1)),
  cpu_s SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1)),
  INDEX ix_trace at.trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX ix_parent parent_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX ix_forked forked_from TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(received)
ORDER BY (project, key, id)
TTL toDateTime(received) + INTERVAL 31 DAY
SETTINGS min_parts_to_merge_at_once = 8, index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384,  -- a page of a list looks up runs that lie anywhere
  ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

-- A row per record, not added up here: parts are added up when they are merged. What only events tell is left out, and so is empty.
CREATE MATERIALIZED VIEW IF NOT EXISTS runs_of_spans TO runs AS
SELECT s.project AS project, concat(lower(hex(s.trace_id)), '-', lower(hex(s.span_id))) AS id, s.received AS received, toUnixTimestamp64Nano(s.received) AS heard_ns,
  toUInt64(toUnixTimestamp64Nano(s.start)) AS begin, toUnixTimestamp64Nano(s.start) AS begun_last_ns,
  CAST(if(s.pending, (9223372036854775807, '', '', '', ''), (toUnixTimestamp64Nano(s.start) + toInt64(s.duration_ns),
    multiIf(s.attributes['spyglass.execution.status'] = 'cancelled' OR endsWith(s.error_type, 'CancelledError'), 'cancelled', s.status = 'error', 'failed', 'succeeded'),
    toString(s.error_type), leftUTF8(s.status_message, 300), '')), 'Tuple(at_ns Int64, outcome String, error_type String, message String, output String)') AS ended,
  if(s.pending, 0, toUnixTimestamp64Nano(s.start) + toInt64(s.duration_ns)) AS ended_last_ns,
  toUInt8(2) AS spoken, toUInt8(s.pending AND toUInt32OrZero(s.attributes['spyglass.heartbeat']) > 1) AS beats, toUInt8(1) AS acted,
  CAST((3, s.trace_id, s.span_id), 'Tuple(rank UInt8, trace_id FixedString(16), span_id FixedString(8))') AS at,
  CAST((s.version, toString(s.name)), 'Tuple(version UInt64, name String)') AS title,
  toString(s.agent) AS agent, s.agent_id AS agent_id, toString(s.agent_version) AS agent_version, s.session_id AS session_id,
  s.user_id AS user_id, toString(s.service) AS service, toString(s.environment) AS environment,
  s.attributes['spyglass.task.id'] AS task_id, s.attributes['spyglass.execution.parent_id'] AS parent_id,
  s.attributes['spyglass.execution.forked_from'] AS forked_from, toUInt32OrZero(s.attributes['spyglass.execution.forked_at_step']) AS forked_at_step
FROM spans AS s
WHERE s.kind = 'agent';

CREATE MATERIALIZED VIEW IF NOT EXISTS runs_of_events TO runs AS
WITH
  toInt64OrZero(e.attributes['spyglass.execution.heard_ns']) AS verdict_ns,
  toUnixTimestamp64Nano(e.time) AS time_ns,
  verdict_ns = 0 AS own,
  e.event_name = 'execution.end' AND own AS last
SELECT e.project AS project, e.execution_id AS id, max(e.received) AS received,
  max(multiIf(own, toUnixTimestamp64Nano(e.received), e.event_name = 'execution.resumed', verdict_ns, 0)) AS heard_ns,
  min(toUInt64(time_ns) + bitShiftLeft(multiIf(NOT own, toUInt64(3), e.event_name = 'execution.start', toUInt64(0), e.event_name = 'execution.created', toUInt64(1), toUInt64(2)), 61)) AS begin,
  max(if(e.event_name = 'execution.start', time_ns, 0)) AS begun_last_ns,
  min(CAST(if(last, (time_ns,
    multiIf(e.attributes['spyglass.execution.status'] IN ('cancelled', 'canceled'), 'cancelled',
      e.attributes['spyglass.execution.status'] IN ('error', 'failed') OR e.severity IN ('error', 'critical'), 'failed', 'succeeded'),
    toString(e.error_type), leftUTF8(e.attributes['error.message'], 300), leftUTF8(e.output, 300)),
    (9223372036854775807, '', '', '', '')), 'Tuple(at_ns Int64, outcome String, error_type String, message String, output String)')) AS ended,
  max(if(last, time_ns, 0)) AS ended_last_ns,
  max(CAST(if(e.event_name = 'execution.waiting' OR (e.event_name = 'execution.heartbeat' AND e.attributes['spyglass.execution.waiting_for'] != ''),
    (time_ns, e.attributes['spyglass.execution.waiting_for']), (0, '')), 'Tuple(at_ns Int64, what String)')) AS waiting,
  max(if(e.event_name = 'execution.resumed' AND own, time_ns, 0)) AS resumed_ns,
  max(CAST(if(e.event_name = 'execution.stalled', (verdict_ns, time_ns), (0, 0)), 'Tuple(heard_ns Int64, at_ns Int64)')) AS stalled,
  max(CAST(if(e.event_name = 'execution.abandoned', (verdict_ns, time_ns), (0, 0)), 'Tuple(heard_ns Int64, at_ns Int64)')) AS abandoned,
  toUInt8(1) AS spoken, max(toUInt8(e.event_name = 'execution.heartbeat')) AS beats,
  max(toUInt8(own AND e.event_name NOT IN ('execution.created', 'execution.heartbeat'))) AS acted,
  max(CAST((if(e.event_name = 'execution.start', 2, own), e.trace_id, e.span_id), 'Tuple(rank UInt8, trace_id FixedString(16), span_id FixedString(8))')) AS at,
  max(CAST((0, toString(e.operation)), 'Tuple(version UInt64, name String)')) AS title,
  max(toString(e.agent)) AS agent, max(e.agent_id) AS agent_id, max(toString(e.agent_version)) AS agent_version, max(e.session_id) AS session_id,
  max(e.user_id) AS user_id, max(if(own, toString(e.service), '')) AS service, max(if(own, toString(e.environment), '')) AS environment,
  max(e.attributes['spyglass.task.id']) AS task_id, max(e.attributes['spyglass.execution.parent_id']) AS parent_id,
  max(e.attributes['spyglass.execution.forked_from']) AS forked_from, max(toUInt32OrZero(e.attributes['spyglass.execution.forked_at_step'])) AS forked_at_step,
  max(if(e.event_name IN ('execution.created', 'execution.start'), leftUTF8(e.input, 300), '')) AS input,
  max(CAST(if(e.event_name = 'execution.step', (time_ns, leftUTF8(e.attributes['spyglass.execution.step'], 200)), (0, '')), 'Tuple(at_ns Int64, name String)')) AS step,
  uniqStateIf(e.event_id, e.event_name = 'execution.step') AS steps, max(toUInt32OrZero(e.attributes['spyglass.execution.steps'])) AS steps_told,
  uniqStateIf(e.event_id, e.event_name = 'execution.step' AND (e.severity IN ('error', 'critical') OR e.attributes['spyglass.execution.step_status'] IN ('error', 'failed'))) AS failed_steps,
  max(greatest(toUInt64OrZero(e.attributes['spyglass.memory.peak_bytes']), toUInt64OrZero(e.attributes['spyglass.memory.now_bytes']))) AS memory_bytes,
  max(toFloat64OrZero(e.attributes['spyglass.cpu.time_s'])) AS cpu_s
FROM events AS e
WHERE e.execution_id != '' AND e.event_name LIKE 'execution.%'
GROUP BY project, id, toDate(e.received);
