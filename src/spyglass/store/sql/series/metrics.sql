-- The metrics of a project. Points that came more than once count once; from some thousands of a metric on the number is within 1 %.
-- project String, lo_ns and hi_ns Int64: time, hi not included; received_ns Int64; limit and skip UInt32
-- Columns: metric, type, unit, description, temporality, points, last_seen, services, attributes (names)
SELECT metric, any(p.type) AS type, any(p.unit) AS unit, any(p.description) AS description, any(p.temporality) AS temporality,
  uniqCombined64(p.time, p.point_id) AS points, max(p.time) AS last_seen,
  arraySort(groupUniqArray(20)(toString(p.service))) AS services, arraySort(groupUniqArrayArray(50)(mapKeys(p.attributes))) AS attributes
FROM points AS p
WHERE project = {project:String}
  AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
GROUP BY metric
ORDER BY metric
LIMIT {limit:UInt32} OFFSET {skip:UInt32}
