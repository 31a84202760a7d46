-- A user's text in the engine's own spelling. The text is a value: it is parsed, as exactly one statement, and nothing of it runs.
-- unbounded: one row
-- text String
-- Columns: canonical
SELECT formatQuery({text:String}) AS canonical
