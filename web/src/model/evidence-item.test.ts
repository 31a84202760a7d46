import { describe, expect, it } from "vitest";
import { readEvidence } from "./evidence";
import { answer, BEGIN } from "./evidence-example";
import { causesOf, itemOf } from "./evidence-item";

describe("what is chosen", () => {
  const evidence = readEvidence(answer(), BEGIN);

  it("is found by what the address says, and nothing by what is none", () => {
    expect(["p:h/2", "a:e3", "c:c1", "f:/w/a.txt", "h:x"].map((item) => itemOf(evidence, item)?.type)).toEqual([
      "process",
      "action",
      "call",
      "file",
      "host",
    ]);
    expect([undefined, "p:none", "x:1", "f:"].map((item) => itemOf(evidence, item))).toEqual([null, null, null, null]);
  });

  it("belongs to spans, that which started it first", () => {
    const told = evidence.byId.get("h/2");
    expect(told ? causesOf(told).map((one) => [one.spanId, one.link.confidence, one.actions]) : null).toEqual([["tool", 0.97, 2]]);
  });
});
