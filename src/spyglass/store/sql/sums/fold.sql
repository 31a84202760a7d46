-- Adds up narrower sums: minutes to hours, hours to days. What was told of before and is not any more gets a row of zeros.
-- project String; width_s UInt32: of the wider ones; slots Array(UInt32): their numbers since 1970; lo_s and hi_s UInt32: what is read, at least these slots;
-- version UInt64: now, ns
-- /*narrow*/ and /*wide*/: the tables
-- unbounded: it answers nothing
INSERT INTO /*wide*/ (project, begin, kind, agent, agent_version, model, tool, version, built, first_received, count, pending, errors, sum_ns, min_ns, max_ns, durations,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, first_tokens, first_token_s)
SELECT {project:String}, toDateTime(slot * {width_s:UInt32}, 'UTC'), kind, agent, agent_version, model, tool, {version:UInt64},
  toDateTime(intDiv({version:UInt64}, 1000000000), 'UTC'), minIf(n.first_received, n.count > 0), sum(n.count), sum(n.pending), sum(n.errors), sum(n.sum_ns),
  minIf(n.min_ns, n.count > n.pending), max(n.max_ns), quantilesDDMergeState(0.01, 0.5, 0.9, 0.95, 0.99)(n.durations), sum(n.input_tokens), sum(n.output_tokens),
  sum(n.cache_read_tokens), sum(n.cache_write_tokens), sum(n.reasoning_tokens), sum(n.cost_usd), sum(n.first_tokens), sum(n.first_token_s)
FROM (
  SELECT toUInt32(intDiv(toUnixTimestamp(begin), {width_s:UInt32})) AS slot, kind, agent, agent_version, model, tool, first_received, count, pending, errors, sum_ns, min_ns,
    max_ns, durations, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, first_tokens, first_token_s
  FROM /*narrow*/ FINAL
  WHERE project = {project:String} AND begin >= toDateTime({lo_s:UInt32}, 'UTC') AND begin < toDateTime({hi_s:UInt32}, 'UTC') AND slot IN ({slots:Array(UInt32)})
    AND built >= toDateTime({lo_s:UInt32}, 'UTC')
  UNION ALL
  SELECT toUInt32(intDiv(toUnixTimestamp(begin), {width_s:UInt32})) AS slot, kind, agent, agent_version, model, tool, first_received, 0, 0, 0, 0, 0, 0,
    arrayReduce('quantilesDDState(0.01, 0.5, 0.9, 0.95, 0.99)', CAST([], 'Array(UInt64)')), 0, 0, 0, 0, 0, 0, 0, 0
  FROM /*wide*/
  WHERE project = {project:String} AND begin >= toDateTime({lo_s:UInt32}, 'UTC') AND begin < toDateTime({hi_s:UInt32}, 'UTC') AND slot IN ({slots:Array(UInt32)})) AS n
GROUP BY slot, kind, agent, agent_version, model, tool
