-- A fragment: rows of runs that ended in one of these ways, as far as one record says.
-- project String; day_ns Int64; statuses Array(String)
-- unbounded: a condition on rows of a list that is bounded
key IN (SELECT key FROM runs WHERE project = {project:String} AND _partition_id >= toString(toYYYYMMDD(fromUnixTimestamp64Nano({day_ns:Int64}, 'UTC'))) AND ended.outcome IN ({statuses:Array(String)}))
