import { expect, test } from "vitest";
import { readFlowSearch } from "./flow-search";
import {
  afterId,
  BEGIN,
  beforeId,
  byStep,
  type Change,
  changed,
  differenceWords,
  drawnFlow,
  type Edge,
  END,
  edgeLabel,
  edgeWords,
  oneIn,
} from "./ways";

const edge = (from: string, to: string, runs: number, chance = 1, change: Change | null = null): Edge => ({
  from,
  to,
  count: runs * 2,
  runs,
  share: runs / 10,
  chance,
  change,
});
const change = (kind: Change["kind"], difference: number): Change => ({
  kind,
  runs: 1,
  share: 0.1,
  difference,
  low: difference - 0.1,
  high: difference + 0.1,
  probability: 0.001,
  false_share: 0.01,
});
const step = (tool: string, calls: number) => ({ tool, calls, runs: Math.min(10, calls), runs_before: null });

const told = {
  runs: 10,
  steps: [step("search", 30), step("begin", 4), step("gone", 0)],
  items: [
    edge("", "search", 10),
    edge("search", "search", 9, 0.6),
    edge("search", "begin", 4, 0.3),
    edge("search", "", 6, 0.1),
    edge("begin", "", 4),
  ],
};

test("a graph has a begin and an end of its own, whatever tools are called", () => {
  const { graph, words, gone, left } = drawnFlow(told);
  expect(graph.nodes.map(({ id }) => id)).toEqual([BEGIN, "t:search", "t:begin", "t:gone", END]);
  expect(graph.edges.map(({ from, to }) => [from, to])).not.toContainEqual(["t:search", "t:search"]);
  expect(words.get("t:search")).toContain("again 18×");
  expect([...gone]).toEqual(["t:gone"]);
  expect(left).toBe(0);
  expect([beforeId(edge("", "x", 1)), afterId(edge("x", "", 1))]).toEqual([BEGIN, END]);
});

test("what certainly changed stays where there are too many edges", () => {
  const many = Array.from({ length: 200 }, (_, at) => edge("a", `t${at}`, 200 - at));
  const rare = edge("a", "z", 1, 0.1, change("appeared", 0.2));
  const steps = ["a", "z", ...many.slice(0, 50).map(({ to }) => to)].map((tool) => step(tool, 1));
  const drawn = drawnFlow({ runs: 10, steps, items: [...many, rare] });
  expect(drawn.graph.edges[0]?.to).toBe("t:z");
  expect(drawn.left).toBe(201 - drawn.graph.edges.length);
});

test("what follows each step is listed, likeliest first", () => {
  expect(byStep(told).map(({ label, next }) => [label, next.map(({ to }) => to)])).toEqual([
    ["At the start", ["search"]],
    ["After search", ["search", "begin", ""]],
    ["After begin", [""]],
  ]);
});

test("changes are told with their bounds, those that are sure first", () => {
  const unsure = edge("a", "b", 5, 1, change("unsure", 0.6));
  const fewer = edge("a", "c", 1, 1, change("fewer", -0.3));
  expect(changed([unsure, fewer, edge("x", "y", 1)]).map(({ to }) => to)).toEqual(["c", "b"]);
  expect(differenceWords(change("fewer", -0.3))).toBe("−30 (−40 to −20)");
  const labels = [
    unsure,
    fewer,
    edge("a", "d", 0),
    edge("a", "e", 4, 1, change("appeared", 0.4)),
    edge("a", "f", 0, 0, change("disappeared", -0.1)),
  ];
  expect(labels.map((one) => edgeLabel(one).replaceAll(/\s+/g, ""))).toEqual(["50%", "10%→10%", "", "new,40%", "was10%"]);
  expect(edgeWords(edge("", "\u202ex", 1))).toBe("begin → \\u202ex");
  expect([oneIn(0.01), oneIn(1), oneIn(0)]).toEqual(["1 in 100", "1 in 1", "never"]);
});

test("the address is read twice as once", () => {
  const once = readFlowSearch({ agent: "a", version: "(none)", against: "2", form: "list", other: "x" });
  expect(readFlowSearch({ ...once })).toEqual(once);
  expect(readFlowSearch({ form: "map", agent: "" })).toEqual({});
});
