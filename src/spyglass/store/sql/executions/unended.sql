-- A fragment: rows of runs that have not ended.
-- project String; day_ns Int64
-- unbounded: a condition on rows of a list that is bounded
key IN (SELECT key FROM runs AS r WHERE project = {project:String} AND received >= fromUnixTimestamp64Nano({day_ns:Int64}, 'UTC') GROUP BY key HAVING min(r.ended.at_ns) = 9223372036854775807)
