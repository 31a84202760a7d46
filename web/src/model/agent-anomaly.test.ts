import { expect, test } from "vitest";
import { anomalyChart, figuresOf, outliersOf } from "./agent-anomaly";

const event = (minute: number, observed: number, more: Record<string, unknown> = {}, source = "spyglass.server") => ({
  time: new Date(minute * 60_000).toISOString(),
  source,
  attributes: {
    "spyglass.finding.metric": "duration",
    "spyglass.finding.unit": "s",
    "spyglass.finding.observed": observed,
    "spyglass.finding.expected_low": 1,
    "spyglass.finding.expected_high": 2,
    ...more,
  },
});
const times = [0, 60_000, 120_000, 180_000];
const none = { spans: [], calls: [] };

test("only what was measured, and by the server itself, is drawn", () => {
  const found = outliersOf([
    event(1, 8),
    event(2, Number.NaN),
    event(2, 3, {}, "somebody"),
    event(3, 1, { "spyglass.finding.metric": "" }),
  ]);
  expect(found).toEqual([{ timeMs: 60_000, figure: "duration", unit: "s", observed: 8, expected: [1, 2] }]);
  expect(figuresOf([...found, ...found])).toEqual([{ name: "duration", count: 2 }]);
});

test("a point stands in the minute that it is about, the band is that of the nearest finding", () => {
  const found = outliersOf([event(1, 8), event(3.9, 9, { "spyglass.finding.expected_low": 5, "spyglass.finding.expected_high": 6 })]);
  const chart = anomalyChart(found, "duration", none, times, 60);
  expect(chart.lines.map((one) => one.values)).toEqual([
    [1, 1, 5, 5],
    [2, 2, 6, 6],
    [null, null, null, null],
    [8, null, null, 9],
  ]);
});

test("of several in one bucket the strangest is drawn; what lies outside of the time is left out", () => {
  const found = outliersOf([event(0.5, 3), event(0.7, 8), event(0.9, 4), event(99, 9)]);
  expect(anomalyChart(found, "duration", none, times, 60).lines.at(-1)?.values).toEqual([8, null, null, null]);
});

test("the figure is measured as the analyzer does", () => {
  const spans = [{ time: new Date(60_000).toISOString(), group: {}, count: 4, errors: 1, sum_ns: 8e9 }];
  const calls = [{ time: new Date(60_000).toISOString(), group: {}, count: 2, cost_usd: 1, output_tokens: 10 }];
  const at = (figure: string) => anomalyChart([], figure, { spans, calls }, times, 60).lines[0]?.values[1];
  expect(["calls", "failures", "duration", "output_tokens", "cost"].map(at)).toEqual([4, 0.25, 2, 5, 0.5]);
  expect(anomalyChart([], "first_token", { spans, calls }, times, 60).lines).toHaveLength(1);
});
