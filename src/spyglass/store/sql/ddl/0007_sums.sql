-- Calls and runs of agents per minute, hour and day, of each agent, version, model and tool: what long ranges are asked of, and what outlives the records.
-- Written by store/sums.py once an hour is over, minutes from the records, hours from minutes, days from hours; again when something of it is told later. The latest
-- version of a row stands; one whose `count` is 0 takes back what an earlier one told. Durations are sketches (DDSketch, Masson et al. 2019): their quantiles are within
-- 1 % of the duration at that rank, also of hours and days, as merged sketches are the same as if they were made of the records.

CREATE TABLE IF NOT EXISTS sums_minute (
  project LowCardinality(String),
  begin DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  kind LowCardinality(String), -- llm, embedding, tool: calls, each once; agent: runs
  agent LowCardinality(String),
  agent_version LowCardinality(String),
  model LowCardinality(String),
  tool LowCardinality(String),
  version UInt64 CODEC(ZSTD(1)), -- ns: when it was added up
  built DateTime('UTC') CODEC(Delta(4), ZSTD(1)), -- the same, in seconds
  first_received DateTime('UTC') CODEC(Delta(4), ZSTD(1)), -- the earliest arrival of what is in it
  count UInt64 CODEC(ZSTD(1)),
  pending UInt64 CODEC(ZSTD(1)), -- runs that have not ended
  errors UInt64 CODEC(ZSTD(1)),
  sum_ns UInt64 CODEC(ZSTD(1)), -- durations of what has ended
  min_ns UInt64 CODEC(ZSTD(1)),
  max_ns UInt64 CODEC(ZSTD(1)),
  durations AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.95, 0.99), UInt64) CODEC(ZSTD(1)),
  input_tokens UInt64 CODEC(ZSTD(1)),
  output_tokens UInt64 CODEC(ZSTD(1)),
  cache_read_tokens UInt64 CODEC(ZSTD(1)),
  cache_write_tokens UInt64 CODEC(ZSTD(1)),
  reasoning_tokens UInt64 CODEC(ZSTD(1)),
  cost_usd Float64 CODEC(ZSTD(1)),
  first_tokens UInt64 CODEC(ZSTD(1)), -- calls that tell the time to their first token
  first_token_s Float64 CODEC(ZSTD(1)) -- of these calls, together
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(built)
ORDER BY (project, begin, kind, agent, agent_version, model, tool)
TTL built + INTERVAL 32 DAY
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

CREATE TABLE IF NOT EXISTS sums_hour AS sums_minute ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(built)
ORDER BY (project, agent, begin, kind, agent_version, model, tool)
TTL built + INTERVAL 400 DAY
SETTINGS index_granularity = 256,  -- trends read one agent, and hardly anything of others: these hold sketches
  ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

CREATE TABLE IF NOT EXISTS sums_day AS sums_minute ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(built)
ORDER BY (project, agent, begin, kind, agent_version, model, tool)
TTL built + INTERVAL 1830 DAY
SETTINGS index_granularity = 256,  -- trends read one agent, and hardly anything of others: these hold sketches
  ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;

-- Until when everything that was told is in these tables.
CREATE TABLE IF NOT EXISTS sums_told (
  one UInt8 DEFAULT 1,
  told_ns Int64
) ENGINE = ReplacingMergeTree(told_ns)
ORDER BY one
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;
