-- How much each table holds.
-- unbounded: one row per table of our own database
-- Columns: name, rows, bytes (on disk), parts (active), partition_parts (most active parts in one partition)
SELECT table AS name, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, sum(parts) AS parts, max(parts) AS partition_parts
FROM (
  SELECT table, partition_id, sum(rows) AS rows, sum(bytes_on_disk) AS bytes_on_disk, count() AS parts
  FROM system.parts
  WHERE database = currentDatabase() AND active
  GROUP BY table, partition_id
)
GROUP BY name
ORDER BY name
