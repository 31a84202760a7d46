-- Windows of ten minutes of a project that were counted.
-- project String; lo_ns and hi_ns Int64: begin, hi not included; limit UInt32
-- Columns: slot (number of the window, 600 s each, since 1970)
SELECT intDiv(toInt64(toUnixTimestamp(begin)), 600) AS slot
FROM agent_figures
WHERE project = {project:String} AND width_s = 600 AND begin >= toDateTime(intDiv({lo_ns:Int64}, 1000000000), 'UTC') AND begin < toDateTime(intDiv({hi_ns:Int64}, 1000000000), 'UTC')
GROUP BY slot
ORDER BY slot DESC
LIMIT {limit:UInt32}
