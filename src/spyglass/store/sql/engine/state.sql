-- What the engine is doing, and the room it has left.
-- unbounded: one row
-- Columns: version, running (queries, this one too), merges, memory_bytes, disk_free_bytes, disk_total_bytes
SELECT
  version() AS version,
  (SELECT count() FROM system.processes) AS running,
  (SELECT count() FROM system.merges) AS merges,
  (SELECT toInt64(sum(value)) FROM system.metrics WHERE metric = 'MemoryTracking') AS memory_bytes,
  (SELECT sum(unreserved_space) FROM system.disks) AS disk_free_bytes,
  (SELECT sum(total_space) FROM system.disks) AS disk_total_bytes
