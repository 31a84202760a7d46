import { expect, test } from "vitest";
import { callGraph } from "./call-graph";

const lead = { agent: "lead", runs: 3, failed_runs: 1, p50_ns: 5, input_tokens: 1, output_tokens: 2, cost_usd: 0.5 };
const call = (caller: string, callee: string, calls = 1) => ({ caller, callee, calls, errors: 0, p50_ns: null });

test("agents that call or are called are nodes, with what is known of them", () => {
  const graph = callGraph([lead, { ...lead, agent: "alone" }], [call("lead", "writer", 2)]);
  expect(graph.nodes.map(({ id, calls, tokens }) => [id, calls, tokens])).toEqual([
    ["lead", 3, 3],
    ["writer", 0, 0],
  ]);
  expect(graph.edges.map(({ from, to, calls }) => [from, to, calls])).toEqual([["lead", "writer", 2]]);
});

test("of too many those with most calls stay, and the others are counted", () => {
  const graph = callGraph(
    [],
    [...Array(200)].map((_, at) => call("lead", `a${at}`, 200 - at)),
  );
  expect([graph.nodes.length, graph.left, graph.edges.length]).toEqual([120, 81, 119]);
});
