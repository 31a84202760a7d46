import { describe, expect, it } from "vitest";
import { agentGraph } from "./agent-graph";
import { layFlame, rowAt, stepInFlame } from "./flame";
import { toolUses } from "./tool-uses";
import { foldedBelow, placeOf, revealed, rowsWith, searchRows, stepWithin, TraceRows, visibleRows } from "./trace-rows";

const NONE: ReadonlySet<string> = new Set();
const FLAGS = ["error", "pending", "plumbing", "call"];
const CALL = 8;

interface Made {
  readonly id: string;
  readonly depth: number;
  readonly below?: number;
  readonly at?: number;
  readonly took?: number;
  readonly kind?: string;
  readonly flags?: number;
  readonly tokens?: number;
}

/** An outline of spans that are named as their ids. */
function trace(...spans: readonly Made[]): TraceRows {
  const names = [...new Set(["", ...spans.flatMap((one) => [one.id, one.kind ?? "span"])])];
  const number = (text: string) => names.indexOf(text);
  const of = <T>(read: (one: Made) => T) => spans.map(read);
  return new TraceRows({
    total: spans.length,
    begin: "2026-01-01T00:00:00Z",
    names,
    flag_names: FLAGS,
    span_id: of((one) => one.id),
    depth: of((one) => one.depth),
    descendants: of((one) => one.below ?? 0),
    start_ns: of((one) => one.at ?? 0),
    duration_ns: of((one) => one.took ?? 1),
    self_ns: of((one) => one.took ?? 1),
    input_tokens: of((one) => one.tokens ?? 0),
    output_tokens: of(() => 0),
    cost_usd: of(() => 0),
    flags: of((one) => one.flags ?? 0),
    name: of((one) => number(one.id)),
    kind: of((one) => number(one.kind ?? "span")),
    service: of(() => 0),
    agent: of(() => 0),
    model: of(() => 0),
    tool: of(() => 0),
  });
}

const RUN = trace(
  { id: "a", depth: 0, below: 4, took: 100, kind: "agent" },
  { id: "b", depth: 1, below: 2, at: 10, took: 50, flags: 4 },
  { id: "c", depth: 2, at: 10, took: 20, kind: "llm", tokens: 7, flags: 1 },
  { id: "d", depth: 2, at: 20, took: 30, kind: "tool" },
  { id: "e", depth: 1, at: 70, took: 30, kind: "tool", tokens: 5, flags: 1 },
);

describe("rows of a trace", () => {
  it("are all there with plumbing, and what is below hidden plumbing moves up", () => {
    expect([...visibleRows(RUN, NONE, true).rows]).toEqual([0, 1, 2, 3, 4]);
    const seen = visibleRows(RUN, NONE, false);
    expect([...seen.rows]).toEqual([0, 2, 3, 4]);
    expect([...seen.levels]).toEqual([0, 1, 1, 1]);
    expect(seen.hidden).toBe(1);
  });

  it("show a chosen span even when it is plumbing", () => {
    expect([...visibleRows(RUN, NONE, false, 1).rows]).toEqual([0, 1, 2, 3, 4]);
  });

  it("leave out what is below a folded one, until one of these is chosen", () => {
    const folded = new Set(["b"]);
    expect([...visibleRows(RUN, folded, true).rows]).toEqual([0, 1, 4]);
    expect([...revealed(RUN, folded, 3)]).toEqual([]);
    expect(revealed(RUN, folded, 4)).toBe(folded);
    expect([...visibleRows(RUN, foldedBelow(RUN, 1), true).rows]).toEqual([0]);
  });

  it("are found again in what is in sight", () => {
    const seen = visibleRows(RUN, NONE, false);
    expect([0, 1, 2, 4].map((row) => placeOf(seen, row))).toEqual([0, -1, 1, 3]);
  });

  it("add up with all that is below them", () => {
    expect(RUN.sum(0)).toEqual({ spans: 5, errors: 2, calls: 0, tools: 0, tokens: 12, cost: 0 });
    expect(RUN.sum(1).tokens).toBe(7);
    expect([...RUN.parent]).toEqual([-1, 0, 1, 1, 0]);
  });

  it("count a call once that two spans tell of", () => {
    const told = trace(
      { id: "a", depth: 0, below: 3 },
      { id: "outer", depth: 1, below: 1, kind: "llm", flags: CALL, tokens: 5 },
      { id: "inner", depth: 2, kind: "llm" },
      { id: "t", depth: 1, kind: "tool", flags: CALL },
    );
    expect(told.sum(0)).toMatchObject({ calls: 1, tools: 1, tokens: 5 });
  });

  it("are found by text, and steps to errors go round", () => {
    expect(searchRows(RUN, " TOOL ")).toEqual([3, 4]);
    expect(searchRows(RUN, "  ")).toEqual([]);
    const errors = rowsWith(RUN, "error");
    expect(errors).toEqual([2, 4]);
    expect([stepWithin(errors, -1, true), stepWithin(errors, 4, true), stepWithin(errors, 2, false)]).toEqual([2, 2, 4]);
    expect(stepWithin([], 0, true)).toBe(-1);
  });

  it("of 100,000 spans are sorted out within a moment", () => {
    const many = trace(...Array.from({ length: 100_000 }, (_, at) => ({ id: `s${at % 50}`, depth: at ? 1 : 0, below: at ? 0 : 99_999 })));
    const begun = performance.now();
    expect(visibleRows(many, NONE, false).rows.length).toBe(100_000);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe("the flame graph", () => {
  it("puts spans below their parents, and those that ran at once below each other", () => {
    const flame = layFlame(RUN);
    expect([...flame.lane]).toEqual([0, 1, 2, 3, 1]);
    expect(flame.lanes).toBe(4);
  });

  it("finds what a pointer is over, and walks by arrows", () => {
    const flame = layFlame(RUN, (row) => row !== 1);
    expect(rowAt(flame, RUN, 1, 15, 0)).toBe(2);
    expect(rowAt(flame, RUN, 1, 65, 0)).toBe(-1);
    expect(stepInFlame(flame, RUN, 2, "up")).toBe(0);
    expect(stepInFlame(flame, RUN, 2, "right")).toBe(4);
    expect(stepInFlame(flame, RUN, 4, "right")).toBe(4);
    expect(stepInFlame(flame, RUN, 0, "down")).toBe(3);
  });
});

describe("the agent graph", () => {
  it("by runs has a node for each run of an agent, with its own tools", () => {
    const twice = trace(
      { id: "a", depth: 0, below: 2, kind: "agent" },
      { id: "t", depth: 1, kind: "tool" },
      { id: "t", depth: 1, kind: "tool" },
      { id: "a", depth: 0, below: 1, kind: "agent" },
      { id: "t", depth: 1, kind: "tool" },
    );
    expect(agentGraph(twice).nodes.map((node) => node.calls)).toEqual([2, 3]);
    const { nodes, edges } = agentGraph(twice, true);
    expect(nodes.map((node) => [node.label, node.calls])).toEqual([
      ["a", 1],
      ["t", 2],
      ["a", 1],
      ["t", 1],
    ]);
    expect(edges.length).toBe(2);
  });

  it("has each agent, model and tool once, with edges from the nearest one above", () => {
    const { nodes, edges } = agentGraph(RUN);
    expect(nodes.map((node) => node.id)).toEqual(["agent:a", "llm:c", "tool:d", "tool:e"]);
    expect(edges.map((edge) => [edge.from, edge.to, edge.calls, edge.errors])).toEqual([
      ["agent:a", "llm:c", 1, 1],
      ["agent:a", "tool:d", 1, 0],
      ["agent:a", "tool:e", 1, 1],
    ]);
  });
});

describe("tools below a span", () => {
  const run = trace(
    { id: "lead", depth: 0, below: 6, kind: "agent" },
    { id: "look", depth: 1, below: 1, kind: "tool", took: 5 },
    { id: "inner look", depth: 2, kind: "tool" },
    { id: "look", depth: 1, kind: "tool", took: 7, flags: 1 },
    { id: "helper", depth: 1, below: 1, kind: "agent" },
    { id: "write", depth: 2, kind: "tool" },
    { id: "send", depth: 1, kind: "mcp" },
  );

  it("are those of its own run, each use once", () => {
    expect(toolUses(run, 0).map(({ tool, calls, errors, took }) => [tool, calls, errors, took])).toEqual([
      ["look", 2, 1, 12],
      ["send", 1, 0, 1],
    ]);
  });

  it("are those of an agent below only there", () => {
    expect(toolUses(run, 4).map((use) => use.tool)).toEqual(["write"]);
    expect(toolUses(run, -1)).toEqual([]);
  });
});
