-- A fragment: the name of the workflow that a span is a run of. Ids that change with each run (of a crew, a flow) are left out of it.
-- unbounded: an expression on spans AS s
multiIf(s.kind = 'workflow' AND s.workflow != '', toString(s.workflow), s.kind = 'agent' AND s.agent != '', toString(s.agent),
  replaceRegexpAll(toString(s.name), '[ _:-]?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}', ''))
