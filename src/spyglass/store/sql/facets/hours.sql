-- Values of the usual fields with their counts, from the sums per hour; whole hours only. The sums count every arrival: hours with copies are left out.
-- project String, lo_ns and hi_ns Int64: the range, rounded to hours outside; received_ns Int64: not used; limit UInt32: values of one field;
-- left_out Array(UInt32): hours, as unix s
-- Columns: field, value, count, errors
SELECT field, value, sum(f.count) AS count, sum(f.errors) AS errors
FROM facets_hour AS f
WHERE project = {project:String}
  AND hour >= toStartOfHour(fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC')) AND hour <= toStartOfHour(fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC'))
  AND NOT has({left_out:Array(UInt32)}, toUnixTimestamp(hour))
GROUP BY field, value
ORDER BY field, count DESC, value
LIMIT {limit:UInt32} BY field
LIMIT 100000
