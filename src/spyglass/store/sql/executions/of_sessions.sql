-- A fragment: rows of runs of which some record names one of these sessions.
-- project String; day_ns Int64; sessions Array(String)
-- unbounded: a condition on rows of a list that is bounded
key IN (SELECT key FROM runs WHERE project = {project:String} AND _partition_id >= toString(toYYYYMMDD(fromUnixTimestamp64Nano({day_ns:Int64}, 'UTC'))) AND session_id IN ({sessions:Array(String)}))
