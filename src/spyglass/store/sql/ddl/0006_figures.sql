-- What each agent did, in windows of ten minutes, of an hour and of a day: what health is judged by. Written by store/figures.py, once per window and again when
-- something of it is told later; the latest version of a row stands. Runs belong to the window that they ended in, calls to the one that they started in.

CREATE TABLE IF NOT EXISTS agent_figures (
  project LowCardinality(String),
  width_s UInt32, -- 600, 3600 or 86400
  begin DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  agent LowCardinality(String),
  version UInt64 CODEC(ZSTD(1)),
  runs UInt64 CODEC(ZSTD(1)), -- that ended, cancelled ones left out
  failed_runs UInt64 CODEC(ZSTD(1)),
  run_ns UInt64 CODEC(ZSTD(1)), -- of these runs, together
  durations Array(UInt64) CODEC(ZSTD(1)), -- runs by duration: place i counts those up to 10 ms * 2^(i/3), place 70 all others; zeros at the end are left out
  calls UInt64 CODEC(ZSTD(1)), -- model calls and tool executions, each once
  failed_calls UInt64 CODEC(ZSTD(1)),
  input_tokens UInt64 CODEC(ZSTD(1)),
  output_tokens UInt64 CODEC(ZSTD(1)),
  cost_usd Float64 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(begin)
ORDER BY (project, width_s, begin, agent)
TTL begin + INTERVAL 31 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;
