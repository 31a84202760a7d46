-- How much of each table of records belongs to a project. Copies that will be merged are counted, as they lie on the disk.
-- unbounded: one row per table, and all that the project has counts
-- project String
-- Columns: name, rows, oldest_s (arrival of the oldest row, unix s; 0: there is none)
SELECT 'spans' AS name, count() AS rows, toUnixTimestamp(min(received)) AS oldest_s FROM spans WHERE project = {project:String}
UNION ALL
SELECT 'payloads', count(), toUnixTimestamp(min(received)) FROM payloads WHERE project = {project:String}
UNION ALL
SELECT 'messages', count(), toUnixTimestamp(min(received)) FROM messages WHERE project = {project:String}
UNION ALL
SELECT 'events', count(), toUnixTimestamp(min(received)) FROM events WHERE project = {project:String}
UNION ALL
SELECT 'points', count(), toUnixTimestamp(min(received)) FROM points WHERE project = {project:String}
UNION ALL
SELECT 'pieces', count(), toUnixTimestamp(min(received)) FROM pieces WHERE project = {project:String}
