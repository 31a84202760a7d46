-- Whether the engine answers.
-- unbounded: reads nothing
-- Columns: one (1)
SELECT 1 AS one
