-- Times of which calls were changed, and which their reader has not counted again since.
-- reader String; limit UInt32
-- unbounded: one row for each time that history was priced again
-- Columns: project, lo_ns, hi_ns (start of the calls, hi not included)
SELECT project, lo_ns, hi_ns
FROM changed_times FINAL
WHERE reader = {reader:String} AND waits
ORDER BY project, lo_ns, hi_ns
LIMIT {limit:UInt32}
