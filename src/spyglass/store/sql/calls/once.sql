-- A fragment: which rows of the CTE `told` count. Spans tell best; what only transcripts or log records tell of counts where nothing better does (not in a session
-- or trace that has spans of the same kind, and not a response that a span has; transcripts before records); what only messages tell of counts for services that
-- tell of no such calls otherwise.
-- unbounded: `told` is
(source = 'span'
  OR (source = 'transcript'
    AND (session_id = '' OR (session_id, kind) NOT IN (SELECT session_id, kind FROM told WHERE source = 'span'))
    AND (response_id = '' OR response_id NOT IN (SELECT response_id FROM told WHERE source = 'span')))
  OR (source = 'event'
    AND (session_id = '' OR (session_id, kind) NOT IN (SELECT session_id, kind FROM told WHERE source IN ('span', 'transcript')))
    AND (response_id = '' OR response_id NOT IN (SELECT response_id FROM told WHERE source IN ('span', 'transcript')))
    AND (trace_id = toFixedString('', 16) OR (trace_id, kind) NOT IN (SELECT trace_id, kind FROM told WHERE source IN ('span', 'transcript'))))
  OR (source = 'message' AND (service, kind) NOT IN (SELECT service, kind FROM told WHERE source != 'message')))
