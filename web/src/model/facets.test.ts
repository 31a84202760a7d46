import { describe, expect, it } from "vitest";
import { facetsOf } from "./facets";

describe("facets", () => {
  it("show what the search text chose, also where nothing has it", () => {
    const told = { kind: [{ value: "llm", count: 3, errors: 1 }] };
    const found = facetsOf({ kind: "Kind", agent: "Agent", model: "Model" }, "kind:llm,tool -agent:a", told);
    expect(found.map((one) => [one.field, one.values.map((value) => `${value.value} ${value.count} ${value.state}`)])).toEqual([
      ["kind", ["llm 3 only", "tool 0 only"]],
      ["agent", ["a 0 not"]],
    ]);
  });
});
