-- A fragment: which spans are runs of a workflow. A span that says so; a chain at the root of its trace with work below it (a crew's kickoff); an agent whose framework
-- tells of its nodes (LangGraph), unless it stands right below a workflow, which has them then.
-- project String, lo_ns, hi_ns and received_ns Int64: of the query that it stands in
-- unbounded: a condition on spans AS s
(s.kind = 'workflow'
  OR (s.kind = 'chain' AND NOT s.plumbing AND s.parent_span_id = toFixedString('', 8) AND (s.trace_id, s.span_id) IN (
    SELECT trace_id, parent_span_id FROM spans
    WHERE project = {project:String} AND kind IN ('agent', 'chain', 'llm', 'tool', 'retriever') AND parent_span_id != toFixedString('', 8)
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
      AND trace_id IN (
        SELECT trace_id FROM spans
        WHERE project = {project:String} AND kind = 'chain' AND NOT plumbing AND parent_span_id = toFixedString('', 8)
          AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
          AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))))
  OR (s.kind = 'agent' AND s.agent != '' AND (s.trace_id, s.parent_span_id) NOT IN (
    SELECT trace_id, span_id FROM spans
    WHERE project = {project:String} AND kind = 'workflow'
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))
    AND (s.trace_id, s.span_id) IN (
    SELECT trace_id, parent_span_id FROM spans
    WHERE project = {project:String} AND kind = 'chain' AND NOT plumbing AND parent_span_id != toFixedString('', 8)
      AND start >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
      AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC'))))
