-- What each table keeps: how much, since when, and after what rule it forgets.
-- unbounded: one row per table of our own database
-- Columns: name, ttl (the rule as the engine writes it; empty: none), rows, size_bytes (on disk), parts (active), oldest_s (arrival of the oldest row, unix s;
--   0: the table is empty, or not parted by arrival)
SELECT t.name AS name, extract(t.engine_full, ' TTL (.+?)(?: SETTINGS |$)') AS ttl, p.row_count AS rows, p.size AS size_bytes, p.part_count AS parts, p.oldest AS oldest_s
FROM system.tables AS t
LEFT JOIN (
  SELECT table, sum(rows) AS row_count, sum(bytes_on_disk) AS size, count() AS part_count, minIf(toUnixTimestamp(min_time), rows > 0 AND toUnixTimestamp(min_time) > 0) AS oldest
  FROM system.parts
  WHERE database = currentDatabase() AND active
  GROUP BY table) AS p ON p.table = t.name
WHERE t.database = currentDatabase() AND endsWith(t.engine, 'MergeTree')
ORDER BY name
