-- What has been applied to the database.
-- unbounded: a handful of rows
-- Columns: version, name, checksum (sha256 of the statements)
SELECT version, any(name) AS name, argMax(checksum, applied_at) AS checksum
FROM schema_migrations
GROUP BY version
ORDER BY version
