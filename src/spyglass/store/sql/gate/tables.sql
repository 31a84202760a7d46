-- All tables and views of our database.
-- unbounded: a few dozen rows
-- Columns: name
SELECT name
FROM system.tables
WHERE database = currentDatabase()
ORDER BY name
