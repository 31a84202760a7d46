-- Times of which calls were changed long after they were told, and which have not been counted again since: whoever counts finds them after a restart.
CREATE TABLE IF NOT EXISTS changed_times (
  reader LowCardinality(String), -- who counts
  project String,
  lo_ns Int64, -- start of these calls, hi not included
  hi_ns Int64,
  told_ns Int64, -- when this was written down; the latest holds
  waits Bool -- false: counted again
) ENGINE = ReplacingMergeTree(told_ns)
ORDER BY (reader, project, lo_ns, hi_ns)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60;
