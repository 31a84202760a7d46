-- Executions that name another one: as their parent, or as what they were forked from.
-- project String, ids Array(String): the ones that are named; limit UInt32; received_ns Int64: the earliest arrival
-- /*by*/: the column that names it, from read/executions.py
-- Columns: id, named
SELECT id, max(r./*by*/) AS named
FROM runs AS r
WHERE project = {project:String} AND r./*by*/ IN ({ids:Array(String)}) AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY id
ORDER BY id
LIMIT {limit:UInt32}
