import { describe, expect, it } from "vitest";
import { readEvidence } from "./evidence";
import { answer, BEGIN } from "./evidence-example";
import { causesOf } from "./evidence-item";
import { lifeOf } from "./evidence-life";
import { TraceRows } from "./trace-rows";

const NO_SPANS = {
  total: 0,
  begin: BEGIN,
  names: [],
  flag_names: [],
  ...Object.fromEntries(
    "span_id depth descendants start_ns duration_ns self_ns input_tokens output_tokens cost_usd flags name kind service agent model tool"
      .split(" ")
      .map((name) => [name, []]),
  ),
} as unknown as ConstructorParameters<typeof TraceRows>[0];

describe("the life of a process", () => {
  const evidence = readEvidence(answer(), BEGIN);

  it("goes from its begin to the last that was seen of it", () => {
    const process = evidence.byId.get("h/1");
    const empty = new TraceRows({ ...NO_SPANS });
    const life = process ? lifeOf(process, causesOf(process), empty) : null;
    expect(life?.lanes.map((lane) => lane.id)).toEqual(["p:h/1", "p:h/2", "p:h/3", "c:c1", "c:c2"]);
    expect([(life?.sight.from ?? 0) < -1e9, (life?.sight.to ?? 0) > 6e9, life?.hidden]).toEqual([true, true, 0]);
  });
});
