-- How much each table holds.
-- unbounded: one row per table of our own database
-- Columns: name, rows, bytes (on disk), parts (active), partition_parts (most active parts in one partition)
SELECT p.table AS name, sum(p.row_count) AS rows, sum(p.size_bytes) AS bytes, sum(p.part_count) AS parts, max(p.part_count) AS partition_parts
FROM (
  SELECT table, partition_id, sum(rows) AS row_count, sum(bytes_on_disk) AS size_bytes, count() AS part_count
  FROM system.parts
  WHERE database = currentDatabase() AND active
  GROUP BY table, partition_id
) AS p
GROUP BY name
ORDER BY name
