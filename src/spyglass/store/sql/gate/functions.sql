-- The functions that the engine has.
-- unbounded: about 2000 rows
-- Columns: name, alias_to (empty: it is no alias), category, aggregate, builtin
SELECT name, alias_to, categories AS category, toBool(is_aggregate) AS aggregate, toString(origin) = 'System' AS builtin
FROM system.functions
ORDER BY name
