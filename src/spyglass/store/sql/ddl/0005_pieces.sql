-- What the states of snapshots were cut into (refine/snapshots.py): each piece once a day under the hash of its content.
-- Pieces are small and asked for by hash, so that the index has an entry for a few dozen of them, and a page of the table holds not much more.

CREATE TABLE IF NOT EXISTS pieces (
  project LowCardinality(String),
  hash FixedString(16) CODEC(NONE),
  received DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  data String CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(received)
ORDER BY (project, hash)
TTL toDateTime(received) + INTERVAL 32 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60, min_parts_to_merge_at_once = 8,
  min_bytes_for_wide_part = 268435456,
  index_granularity_bytes = 131072, min_compress_block_size = 65536, max_compress_block_size = 1048576;
