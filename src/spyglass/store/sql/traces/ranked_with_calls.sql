-- A fragment: the traces whose calls come to something. Where these fill a page, nobody has to look for those without.
-- unbounded: `figures` is
SELECT trace_id, figure FROM figures WHERE figure > 0
