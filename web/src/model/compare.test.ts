import { describe, expect, it } from "vitest";
import { align, change, difference, nextDifference } from "./compare";
import { readCompareSearch, readTrace } from "./compare-search";
import type { StorySpan } from "./transcript";

const steps = (names: string) => [...names].map((tool) => ({ kind: "tool", tool, name: tool }) as unknown as StorySpan);
const shown = (a: string, b: string) => align(steps(a), steps(b)).pairs.map((pair) => `${pair.a?.tool ?? "-"}${pair.b?.tool ?? "-"}`);

describe("two runs", () => {
  it("are aligned along what both did", () => {
    expect(shown("abc", "abc")).toEqual(["aa", "bb", "cc"]);
    expect(shown("abd", "acbd")).toEqual(["aa", "-c", "bb", "dd"]);
    expect(shown("", "x")).toEqual(["-x"]);
  });

  it("lose no step and keep their order", () => {
    for (const [a, b] of [
      ["abcabba", "cbabac"],
      ["aaaa", "aa"],
      ["xyz", "abc"],
    ] as const) {
      const { pairs } = align(steps(a), steps(b));
      expect(pairs.map((pair) => pair.a?.tool ?? "").join("")).toBe(a);
      expect(pairs.map((pair) => pair.b?.tool ?? "").join("")).toBe(b);
    }
  });

  it("stand beside each other where one did this instead of that", () => {
    const { pairs } = align(steps("abcxd"), [...steps("ayd"), { kind: "llm", name: "l" } as StorySpan]);
    expect(pairs.map(difference)).toEqual(["", "another step", "only in A", "only in A", "", "only in B"]);
    expect(pairs[1]).toMatchObject({ a: { tool: "b" }, b: { tool: "y" } });
  });

  it("are walked from one stretch of differences to the next", () => {
    const found = ["", "only in A", "only in A", "only in B", ""];
    expect([-1, 1, 3].map((from) => nextDifference(found, from, 1))).toEqual([1, 3, undefined]);
    expect([4, 3, 1].map((from) => nextDifference(found, from, -1))).toEqual([3, 1, undefined]);
  });

  it("say when there are too many", () => {
    expect(align(steps("a".repeat(2500)), steps("a")).cut).toBe(true);
  });

  it("tell a change as people do", () => {
    expect([change(100, 112), change(10, 6), change(1, 5), change(0, 5), change(3, 3)]).toEqual([
      "+12\u202f%",
      "−40\u202f%",
      "×5.0",
      "",
      "",
    ]);
  });
});

it("a trace is known by its id or its address", () => {
  const id = "a5f1ad5bcc4d11a3aab3ff0211cf5cb3";
  expect(readTrace(`http://localhost:7700/traces/${id}?project=x`)).toBe(id);
  expect(readTrace("nothing")).toBeUndefined();
  const once = readCompareSearch({ a: id, b: "x", step: "3" });
  expect(once).toEqual({ a: id, step: 3 });
  expect(readCompareSearch({ ...once })).toEqual(once);
});
