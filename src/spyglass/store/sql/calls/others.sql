-- Whether a project has calls that spans do not tell of; only then the rules of calls/once.sql have to be looked at.
-- project String; told_ns and told_last_ns Int64: when they arrived
-- Columns: others (0 or 1)
SELECT count() AS others
FROM (
  SELECT 1 FROM tellings
  WHERE project = {project:String} AND source != 'span'
    AND received >= fromUnixTimestamp64Nano({told_ns:Int64}, 'UTC') AND received <= fromUnixTimestamp64Nano({told_last_ns:Int64}, 'UTC')
  LIMIT 1)
LIMIT 1
