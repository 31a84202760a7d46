-- How many calls an execution told at its end that it recorded, and how many are kept. Its own span and its events tell the number, and are visible one after the other;
-- that it has ended may be known a moment before either.
-- project String, id String: of the execution; trace and span String (hex): its own span; lo_ns and hi_ns Int64: time, both included; received_ns Int64
-- unbounded: one row
-- Columns: ended (a record that tells its end is visible), told, kept
SELECT max(found.ended) AS ended, max(found.told) AS told, max(found.kept) AS kept
FROM (
  SELECT countIf(event_name = 'execution.end') > 0 AS ended, max(toUInt32OrZero(attributes['spyglass.execution.calls'])) AS told,
    uniqExactIf(attributes['spyglass.call.number'], event_name = 'execution.call') AS kept
  FROM events
  WHERE project = {project:String} AND execution_id = {id:String} AND event_name IN ('execution.call', 'execution.end')
    AND time >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  UNION ALL
  SELECT countIf(NOT pending) > 0 AS ended, max(toUInt32OrZero(attributes['spyglass.execution.calls'])) AS told, 0 AS kept
  FROM spans
  WHERE project = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16) AND span_id = toFixedString(unhex({span:String}), 8)
    AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start <= fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
    AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
) AS found
