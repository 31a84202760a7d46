-- A fragment: rows of runs of which some row knows no end. Some of these have ended all the same, as another row says: what they come to tells.
-- project String; day_ns Int64
-- unbounded: a condition on rows of a list that is bounded
key IN (SELECT key FROM runs AS r WHERE project = {project:String} AND _partition_id >= toString(toYYYYMMDD(fromUnixTimestamp64Nano({day_ns:Int64}, 'UTC'))) AND r.ended.at_ns = 9223372036854775807)
