import { expect, test } from "vitest";
import { bucketOf, detectedChart, figureOf, formatOfDetected } from "./detected";

const point = (minute: number, value: number | null, channels: string[] = [], low: number | null = 1, high: number | null = 2) => ({
  time: new Date(minute * 60_000).toISOString(),
  value,
  low,
  high,
  channels,
});

test("the figure is a line in its band, and what stands out a point", () => {
  const chart = detectedChart({
    figure: "cost",
    bucket_s: 60,
    items: [point(0, 1.5), point(1, 9, ["point"]), point(2, 5, ["change", "point"]), point(3, null)],
  });
  expect(chart.lines.map((one) => [one.label, one.values])).toEqual([
    ["expected from", [1, 1, 1, 1]],
    ["expected to", [2, 2, 2, 2]],
    ["cost of a call", [1.5, 9, 5, null]],
    ["stands out", [null, 9, null, null]],
    ["follows another law from here", [null, null, 5, null]],
  ]);
  expect(chart.timesMs[1]).toBe(60_000);
});

test("a band without a lower end begins with zero; without an upper one there is none", () => {
  const chart = detectedChart({ figure: "calls", bucket_s: 60, items: [point(0, 1, [], null, 4), point(1, 1, [], 1, null)] });
  expect(chart.lines.map((one) => one.values).slice(0, 2)).toEqual([
    [0, null],
    [4, null],
  ]);
  expect(detectedChart({ figure: "calls", bucket_s: 60, items: [] }).lines).toEqual([]);
});

test("buckets are minutes where there are not too many", () => {
  expect([1800, 86_400, 7 * 86_400, 3650 * 86_400].map(bucketOf)).toEqual([10, 60, 600, 86_400]);
});

test("figures are written in their unit, and begin with what was found", () => {
  expect(formatOfDetected("ns")(2e9)).toContain("2");
  expect(formatOfDetected("USD")(2)).toBe("$2.00");
  expect(figureOf([{ metric: "first_token" }, { metric: "cost" }])).toBe("cost");
  expect(figureOf([])).toBe("duration");
});
