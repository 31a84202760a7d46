-- Until when everything that was told has been added up.
-- unbounded: one row
-- Columns: told_ns (0: nothing has)
SELECT max(told_ns) AS told_ns
FROM sums_told
