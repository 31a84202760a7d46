-- Adds up the calls and runs of some minutes. What was told of before and is not any more gets a row of zeros.
-- project String; minutes Array(UInt32): numbers since 1970; lo_ns and hi_ns Int64: what is read, at least these minutes; received_ns Int64: earliest arrival of it;
-- version UInt64: now, ns
-- /*told*/: sums/told.sql; /*rows*/: sums/rows.sql
-- unbounded: it answers nothing
INSERT INTO sums_minute (project, begin, kind, agent, agent_version, model, tool, version, built, first_received, count, pending, errors, sum_ns, min_ns, max_ns, durations,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, first_tokens, first_token_s)
WITH told AS (/*told*/)
SELECT {project:String}, toDateTime(minute * 60, 'UTC'), kind, agent, agent_version, model, tool, {version:UInt64}, toDateTime(intDiv({version:UInt64}, 1000000000), 'UTC'),
  toDateTime(minIf(r.received, live)), countIf(live), countIf(live AND NOT ended), countIf(live AND r.failed), sumIf(r.duration_ns, live AND ended),
  minIf(r.duration_ns, live AND ended), maxIf(r.duration_ns, live AND ended), quantilesDDStateIf(0.01, 0.5, 0.9, 0.95, 0.99)(r.duration_ns, live AND ended),
  sum(r.input_tokens), sum(r.output_tokens), sum(r.cache_read_tokens), sum(r.cache_write_tokens), sum(r.reasoning_tokens), sum(r.cost_usd), countIf(r.first_token_s > 0),
  sumIf(r.first_token_s, r.first_token_s > 0)
FROM (
  SELECT true AS live, toUInt32(intDiv(at_s, 60)) AS minute, kind, agent, agent_version, model, tool, received, ended, failed, duration_ns, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, first_token_s
  FROM (/*rows*/)
  WHERE minute IN ({minutes:Array(UInt32)})
  UNION ALL
  SELECT false, toUInt32(intDiv(toUnixTimestamp(begin), 60)) AS minute, kind, agent, agent_version, model, tool, fromUnixTimestamp64Nano(toInt64(0), 'UTC'), false, false,
    0, 0, 0, 0, 0, 0, 0, 0
  FROM sums_minute
  WHERE project = {project:String} AND begin >= toDateTime(intDiv({lo_ns:Int64}, 1000000000), 'UTC') AND begin < toDateTime(intDiv({hi_ns:Int64}, 1000000000), 'UTC')
    AND minute IN ({minutes:Array(UInt32)})) AS r
GROUP BY minute, kind, agent, agent_version, model, tool
