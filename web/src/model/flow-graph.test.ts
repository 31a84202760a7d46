import { describe, expect, it } from "vitest";
import { runGraph, toneOfStep, workflowGraph } from "./flow-graph";

const step = (id: string, count = 1) => ({ id, kind: "agent", count, errors: 0, p50_ns: null });

describe("a workflow as a graph", () => {
  it("has a node for each step, and the edges between them", () => {
    const graph = workflowGraph([step("plan", 3), step("write")], [{ from: "plan", to: "write", runs: 2 }]);
    expect(graph.nodes.map((node) => [node.id, node.calls, node.p50])).toEqual([
      ["plan", 3, 0],
      ["write", 1, 0],
    ]);
    expect(graph.edges.map((edge) => [edge.from, edge.to, edge.calls])).toEqual([["plan", "write", 2]]);
  });

  it("leaves out the steps that ran least, and their edges", () => {
    const many = Array.from({ length: 130 }, (_, at) => step(`s${at}`, at));
    const graph = workflowGraph(many, [{ from: "s0", to: "s129", runs: 1 }]);
    expect([graph.nodes.length, graph.left, graph.edges.length, graph.nodes[0]?.id]).toEqual([120, 10, 0, "s10"]);
  });
});

describe("a run as a graph", () => {
  it("has a node for each time that a step ran, also for those that did not", () => {
    const told = { id: "model", kind: "chain" } as const;
    const graph = runGraph(
      [
        { ...told, key: "1", state: "failed", duration_ns: 5 },
        { ...told, key: "declared:review", state: "skipped", duration_ns: null },
      ],
      [{ from: "1", to: "declared:review" }],
    );
    expect(graph.nodes.map((node) => [node.id, node.label, node.calls, node.errors])).toEqual([
      ["1", "model", 1, 1],
      ["declared:review", "model", 0, 0],
    ]);
    expect(graph.edges).toHaveLength(1);
  });

  it("tells states in colours", () => {
    expect((["pending", "running", "succeeded", "failed", "skipped"] as const).map(toneOfStep)).toEqual([
      "unset",
      "pending",
      "ok",
      "error",
      "unset",
    ]);
  });
});
