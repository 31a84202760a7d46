-- A fragment: which rows of the CTE `told` count. Spans tell best; what only log records tell of counts where there are no spans for it (not in a session or
-- trace that has spans of the same kind, and not a response that a span has); what only messages tell of counts for services that tell of no such calls otherwise.
-- unbounded: `told` is
(source = 'span'
  OR (source = 'event'
    AND (session_id = '' OR (session_id, kind) NOT IN (SELECT session_id, kind FROM told WHERE source = 'span'))
    AND (response_id = '' OR response_id NOT IN (SELECT response_id FROM told WHERE source = 'span'))
    AND (trace_id = toFixedString('', 16) OR (trace_id, kind) NOT IN (SELECT trace_id, kind FROM told WHERE source = 'span')))
  OR (source = 'message' AND (service, kind) NOT IN (SELECT service, kind FROM told WHERE source != 'message')))
