-- The columns of the tables that may be asked, in their order.
-- unbounded: of the catalogue, a few hundred rows
-- tables Array(String)
-- Columns: table, name, type
SELECT table, name, type
FROM system.columns
WHERE database = currentDatabase() AND table IN {tables:Array(String)} AND default_kind != 'ALIAS'
ORDER BY indexOf({tables:Array(String)}, table), position
