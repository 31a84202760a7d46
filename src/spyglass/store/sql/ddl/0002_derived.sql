-- What is derived from the records: the range of each trace, sums per minute, facets per hour, and what is told of calls (semconv.md section 8:
-- model calls, embeddings, tool executions; written by store/calls.py). Which tellings count, the view `calls` says.
-- Sums count arrivals: a span that is sent again is in them twice. Who asks them looks for copies first (store/read/hourly.py).
-- Sums, too, are parted and dropped by arrival: parts by the time of what is summed would be refused when an import brings a hundred months at once.

CREATE TABLE IF NOT EXISTS traces (
  trace_id FixedString(16),
  project LowCardinality(String),
  start SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
  end SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
  first_received SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
  last_received SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
  span_rows SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree
ORDER BY (trace_id, project)
TTL toDateTime(last_received) + INTERVAL 31 DAY
SETTINGS index_granularity = 1024,  -- a page of a list looks up a hundred traces that lie anywhere
  non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

CREATE MATERIALIZED VIEW IF NOT EXISTS traces_mv TO traces AS
SELECT s.trace_id AS trace_id, s.project AS project, min(s.start) AS start, max(s.start + toIntervalNanosecond(s.duration_ns)) AS end,
  min(s.received) AS first_received, max(s.received) AS last_received, count() AS span_rows
FROM spans AS s GROUP BY trace_id, project;

CREATE TABLE IF NOT EXISTS spans_minute (
  project LowCardinality(String),
  minute DateTime('UTC'),
  kind LowCardinality(String),
  service LowCardinality(String),
  agent LowCardinality(String),
  model LowCardinality(String),
  tool LowCardinality(String),
  count SimpleAggregateFunction(sum, UInt64),
  errors SimpleAggregateFunction(sum, UInt64),
  duration_ns SimpleAggregateFunction(sum, UInt64),
  last_received SimpleAggregateFunction(max, DateTime('UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(last_received)
ORDER BY (project, minute, kind, service, agent, model, tool)
TTL last_received + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

CREATE MATERIALIZED VIEW IF NOT EXISTS spans_minute_mv TO spans_minute AS
SELECT s.project AS project, toStartOfMinute(s.start) AS minute, s.kind AS kind, s.service AS service, s.agent AS agent, s.model AS model, s.tool AS tool,
  count() AS count, countIf(s.status = 'error') AS errors, sum(s.duration_ns) AS duration_ns, toDateTime(max(s.received)) AS last_received
FROM spans AS s WHERE NOT s.pending GROUP BY project, minute, kind, service, agent, model, tool;

CREATE TABLE IF NOT EXISTS events_minute (
  project LowCardinality(String),
  minute DateTime('UTC'),
  event_name LowCardinality(String),
  severity LowCardinality(String),
  source LowCardinality(String),
  service LowCardinality(String),
  count SimpleAggregateFunction(sum, UInt64),
  last_received SimpleAggregateFunction(max, DateTime('UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(last_received)
ORDER BY (project, minute, event_name, severity, source, service)
TTL last_received + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

CREATE MATERIALIZED VIEW IF NOT EXISTS events_minute_mv TO events_minute AS
SELECT e.project AS project, toStartOfMinute(e.time) AS minute, e.event_name AS event_name, e.severity AS severity, e.source AS source, e.service AS service, count() AS count,
  toDateTime(max(e.received)) AS last_received
FROM events AS e GROUP BY project, minute, event_name, severity, source, service;

CREATE TABLE IF NOT EXISTS facets_hour (
  project LowCardinality(String),
  hour DateTime('UTC'),
  field LowCardinality(String),
  value LowCardinality(String),
  count SimpleAggregateFunction(sum, UInt64),
  errors SimpleAggregateFunction(sum, UInt64),
  last_received SimpleAggregateFunction(max, DateTime('UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(last_received)
ORDER BY (project, field, hour, value)
TTL last_received + INTERVAL 31 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

CREATE MATERIALIZED VIEW IF NOT EXISTS facets_hour_mv TO facets_hour AS
SELECT s.project AS project, toStartOfHour(s.start) AS hour, facet.1 AS field, facet.2 AS value, count() AS count, countIf(s.status = 'error') AS errors,
  toDateTime(max(s.received)) AS last_received
FROM spans AS s
ARRAY JOIN [('kind', toString(s.kind)), ('status', toString(s.status)), ('service', toString(s.service)), ('environment', toString(s.environment)), ('agent', toString(s.agent)),
  ('model', toString(s.model)), ('provider', toString(s.provider)), ('tool', toString(s.tool)), ('dialect', toString(s.dialect)), ('error_type', toString(s.error_type))] AS facet
WHERE NOT s.pending AND facet.2 != ''
GROUP BY project, hour, field, value;

CREATE TABLE IF NOT EXISTS tellings (
  project LowCardinality(String),
  hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)), -- that it is kept under: store/hours.py
  call_key FixedString(16) CODEC(NONE),
  version UInt64 CODEC(ZSTD(1)),
  counted Bool,
  source LowCardinality(String),
  trace_id FixedString(16) CODEC(ZSTD(1)),
  span_id FixedString(8) CODEC(ZSTD(1)),
  start DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  received DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  duration_ns UInt64 CODEC(ZSTD(1)),
  kind LowCardinality(String),
  failed Bool,
  error_type LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  agent LowCardinality(String),
  agent_version LowCardinality(String),
  tool LowCardinality(String),
  tool_call_id String CODEC(ZSTD(1)),
  workflow LowCardinality(String),
  service LowCardinality(String),
  environment LowCardinality(String),
  dialect LowCardinality(String),
  session_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  response_id String CODEC(ZSTD(1)),
  stream Bool,
  has_usage Bool,
  input_tokens UInt64 CODEC(ZSTD(1)),
  output_tokens UInt64 CODEC(ZSTD(1)),
  cache_read_tokens UInt64 CODEC(ZSTD(1)),
  cache_write_tokens UInt64 CODEC(ZSTD(1)),
  reasoning_tokens UInt64 CODEC(ZSTD(1)),
  cost_usd Float64 CODEC(ZSTD(1)),
  cost_source LowCardinality(String),
  price_key LowCardinality(String), -- by what it was priced, for pricing it again: store/billing.py
  cache_write_1h_tokens UInt64 CODEC(ZSTD(1)), -- the same
  time_to_first_chunk_s Float32 CODEC(ZSTD(1)),
  INDEX ix_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX ix_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX ix_start start TYPE minmax GRANULARITY 1,
  INDEX ix_source source TYPE minmax GRANULARITY 1, -- mostly only spans tell: sql/calls/others.sql
  INDEX ix_told bitAnd(version, 9223372036854775807) TYPE minmax GRANULARITY 1 -- what was told lately: sql/sums/touched.sql, sql/figures/touched.sql
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(received)
ORDER BY (project, hour, call_key)
TTL toDateTime(received) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60,
  min_bytes_for_wide_part = 268435456;

-- Agents per hour, so that a list of ten thousand of them, all beating, need not read their beats. Sorted by agent: a page of the list reads its own agents' rows.
-- Runs are kept by their ids, so that an announcement, its repetitions and the end are one run; spans and errors count arrivals. What the server
-- itself says of an agent is no sign of life of it.
CREATE TABLE IF NOT EXISTS agents_hour (
  project LowCardinality(String),
  agent String,
  hour DateTime('UTC'),
  first_seen SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
  last_seen SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
  arrived SimpleAggregateFunction(sum, UInt64),
  spans SimpleAggregateFunction(sum, UInt64),
  errors SimpleAggregateFunction(sum, UInt64),
  runs AggregateFunction(uniqExact, FixedString(24)),
  failed_runs AggregateFunction(uniqExact, FixedString(24)),
  ended_runs AggregateFunction(uniqExact, FixedString(24)),
  durations_ns AggregateFunction(quantiles(0.5, 0.95), UInt64),
  versions AggregateFunction(groupUniqArray(20), String),
  ids AggregateFunction(groupUniqArray(20), String),
  services AggregateFunction(groupUniqArray(20), String),
  environments AggregateFunction(groupUniqArray(20), String),
  dialects AggregateFunction(groupUniqArray(20), String),
  sessions AggregateFunction(uniqExact, String),
  last_received SimpleAggregateFunction(max, DateTime('UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(last_received)
ORDER BY (project, agent, hour)
TTL last_received + INTERVAL 31 DAY
SETTINGS min_parts_to_merge_at_once = 8, index_granularity = 64,  -- a page of fifty agents reads their rows, and few of others: these hold states
  ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

CREATE MATERIALIZED VIEW IF NOT EXISTS agents_hour_mv TO agents_hour AS
SELECT s.project AS project, toString(s.agent) AS agent, toStartOfHour(s.start) AS hour, min(s.start) AS first_seen, max(s.start + toIntervalNanosecond(s.duration_ns)) AS last_seen,
  count() AS arrived, countIf(NOT s.pending) AS spans, countIf(NOT s.pending AND s.status = 'error') AS errors,
  uniqExactStateIf(toFixedString(concat(s.trace_id, s.span_id), 24), s.kind = 'agent') AS runs,
  uniqExactStateIf(toFixedString(concat(s.trace_id, s.span_id), 24), s.kind = 'agent' AND s.status = 'error') AS failed_runs,
  uniqExactStateIf(toFixedString(concat(s.trace_id, s.span_id), 24), s.kind = 'agent' AND NOT s.pending) AS ended_runs,
  quantilesStateIf(0.5, 0.95)(s.duration_ns, s.kind = 'agent' AND NOT s.pending) AS durations_ns,
  groupUniqArrayStateIf(20)(toString(s.agent_version), s.agent_version != '') AS versions, groupUniqArrayStateIf(20)(s.agent_id, s.agent_id != '') AS ids,
  groupUniqArrayStateIf(20)(toString(s.service), s.service != '') AS services, groupUniqArrayStateIf(20)(toString(s.environment), s.environment != '') AS environments,
  groupUniqArrayStateIf(20)(toString(s.dialect), s.dialect != '') AS dialects, uniqExactStateIf(s.session_id, s.session_id != '') AS sessions,
  toDateTime(max(s.received)) AS last_received
FROM spans AS s WHERE s.agent != '' GROUP BY project, agent, hour;

CREATE MATERIALIZED VIEW IF NOT EXISTS agents_hour_by_events_mv TO agents_hour AS
SELECT e.project AS project, toString(e.agent) AS agent, toStartOfHour(e.time) AS hour, min(e.time) AS first_seen, max(e.time) AS last_seen, count() AS arrived,
  groupUniqArrayStateIf(20)(toString(e.agent_version), e.agent_version != '') AS versions, groupUniqArrayStateIf(20)(e.agent_id, e.agent_id != '') AS ids,
  groupUniqArrayStateIf(20)(toString(e.service), e.service != '') AS services, groupUniqArrayStateIf(20)(toString(e.environment), e.environment != '') AS environments,
  groupUniqArrayStateIf(20)(toString(e.dialect), e.dialect != '') AS dialects, uniqExactStateIf(e.session_id, e.session_id != '') AS sessions,
  toDateTime(max(e.received)) AS last_received
FROM events AS e WHERE e.agent != '' AND (e.scope_name != 'spyglass.server' OR e.event_name = 'agent.metrics') GROUP BY project, agent, hour;
