-- Traces of some sessions in which model calls tell tokens, and nothing of caching and reasoning.
-- sessions Array(String); received_ns Int64: arrivals since
-- Columns: trace_id
SELECT DISTINCT trace_id
FROM (
  SELECT argMax(c.trace_id, c.version) AS trace_id, argMax(c.has_usage AND c.reasoning_tokens = 0 AND c.cache_read_tokens = 0, c.version) AS lacks
  FROM tellings AS c
  WHERE c.session_id IN ({sessions:Array(String)}) AND c.source = 'span' AND c.kind = 'llm'
    AND c.received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  GROUP BY c.project, c.call_key)
WHERE lacks
LIMIT 10000
