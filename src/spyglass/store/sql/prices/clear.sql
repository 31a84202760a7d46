-- Forgets the costs of the records that were amended last.
-- unbounded: it answers nothing
TRUNCATE TABLE repriced
