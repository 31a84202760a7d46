-- When figures were last counted.
-- unbounded: one row
-- Columns: version (ns, 0: never)
SELECT max(version) AS version
FROM agent_figures
