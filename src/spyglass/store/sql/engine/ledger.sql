-- Which migrations have been applied.
-- unbounded: a table of a handful of rows
CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, name String, checksum String, applied_at DateTime64(9, 'UTC'))
ENGINE = MergeTree
ORDER BY version
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1
