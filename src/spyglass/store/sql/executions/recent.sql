-- A fragment: rows of runs of which some row tells nothing from before a moment. Runs that began after it are all among them.
-- project String; day_ns Int64; low_ns Int64
-- unbounded: a condition on rows of a list that is bounded
key IN (SELECT key FROM runs WHERE project = {project:String} AND _partition_id >= toString(toYYYYMMDD(fromUnixTimestamp64Nano({day_ns:Int64}, 'UTC'))) AND bitAnd(begin, 2305843009213693951) >= toUInt64({low_ns:Int64}))
