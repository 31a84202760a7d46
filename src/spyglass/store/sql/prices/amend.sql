-- Gives records the costs that stand in the table `repriced`, in place: a mutation, which fills no roll-up again (docs/adr/0007).
-- project String, lo_ns and hi_ns Int64: start, hi not included; received_ns Int64
-- /*table*/, /*time*/, /*id*/: spans or events, when they began, and the number that a row is known by; /*costs*/: name of the table `repriced`, quoted
-- unbounded: it answers nothing
ALTER TABLE /*table*/ UPDATE
  cost_usd = joinGet(/*costs*/, 'cost_usd', /*id*/),
  input_cost_usd = joinGet(/*costs*/, 'input_cost_usd', /*id*/),
  output_cost_usd = joinGet(/*costs*/, 'output_cost_usd', /*id*/),
  cost_source = joinGet(/*costs*/, 'cost_source', /*id*/)
WHERE project = {project:String} AND kind IN ('llm', 'embedding')
  AND /*time*/ >= fromUnixTimestamp64Nano({lo_ns:Int64}, 'UTC') AND /*time*/ < fromUnixTimestamp64Nano({hi_ns:Int64}, 'UTC')
  AND received >= fromUnixTimestamp64Nano({received_ns:Int64}, 'UTC')
  AND joinGet(/*costs*/, 'known', /*id*/)
