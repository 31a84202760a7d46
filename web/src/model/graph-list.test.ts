import { describe, expect, it } from "vitest";
import type { AgentGraph, GraphNode } from "./agent-graph";
import { graphLines } from "./graph-list";

function graph(names: string, calls: readonly string[]): AgentGraph {
  const figures = { calls: 1, errors: 0, p50: 1 };
  const node = (id: string): GraphNode => ({ id, kind: "agent", label: id, tokens: 0, cost: 0, rows: [], ...figures });
  return {
    nodes: [...names].map(node),
    edges: calls.map((id) => ({ id, from: id[0] ?? "", to: id[1] ?? "", ...figures })),
    left: 0,
  };
}

const told = (of: AgentGraph) => graphLines(of).map(({ node, level, again }) => `${level}${node.id}${again ? "…" : ""}`);

describe("a graph as lines", () => {
  it("puts each callee below its caller, in the order of the graph", () => {
    expect(told(graph("abcd", ["ac", "ab", "cd"]))).toEqual(["0a", "1c", "2d", "1b"]);
  });

  it("tells what several call at each of them, and what it calls once", () => {
    expect(told(graph("abcd", ["ab", "ac", "bd", "cb"]))).toEqual(["0a", "1b", "2d", "1c", "2b…"]);
  });

  it("loses nothing in a ring, not even a ring that nothing leads to", () => {
    const lines = told(graph("abxy", ["ab", "ba", "xy", "yx"]));
    expect(lines).toEqual(["0a", "1b", "2a…", "0x", "1y", "2x…"]);
  });

  it("has one key for each line", () => {
    const lines = graphLines(graph("abc", ["ab", "bc", "ca", "cb"]));
    expect(new Set(lines.map((line) => line.key)).size).toBe(lines.length);
  });
});
