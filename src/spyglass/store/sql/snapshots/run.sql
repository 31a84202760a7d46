-- Where the records of an execution are: its span, and when it was heard of.
-- project String, id String: of the execution (span id in hex, or as events tell it)
-- Columns: spoken (2: a span is it, 1: events tell of it), trace_id, span_id, begin_ns and end_ns (by its own clock; the largest number: it has not ended),
--   heard_ns (by ours), agent, agent_id, name, parent_id, forked_from, forked_at_step
-- unbounded: the execution is named
SELECT max(r.spoken) AS spoken, max(r.at).2 AS trace_id, max(r.at).3 AS span_id, toInt64(bitAnd(min(r.begin), 2305843009213693951)) AS begin_ns, min(r.ended).1 AS end_ns,
  max(r.heard_ns) AS heard_ns, max(r.agent) AS agent, max(r.agent_id) AS agent_id, max(r.title).2 AS name, max(r.parent_id) AS parent_id, max(r.forked_from) AS forked_from,
  max(r.forked_at_step) AS forked_at_step
FROM runs AS r
WHERE project = {project:String} AND key = cityHash64({id:String}) AND id = {id:String}
GROUP BY id
