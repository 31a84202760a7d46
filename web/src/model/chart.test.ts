import { expect, test } from "vitest";
import { bucketTimes, covered, groupLines, hasFigures, line, stack } from "./chart";

const at = (minute: number, group: Record<string, string> = {}, count = 1) => ({
  time: new Date(minute * 60_000).toISOString(),
  group,
  count,
});
const times = bucketTimes(60, { fromMs: 0, toMs: 4 * 60_000 });

test("buckets cover the bounds, and are never too many to draw", () => {
  expect(times).toEqual([0, 60_000, 120_000, 180_000]);
  expect(bucketTimes(60, { fromMs: 30_000, toMs: 90_000 })).toEqual([0, 60_000]);
  expect(bucketTimes(1, { fromMs: 0, toMs: 1e9 })).toHaveLength(2000);
  expect(bucketTimes(0, { fromMs: 0, toMs: 1e9 })).toEqual([]);
});

test("what nobody told is nothing where it is counted, and a gap where it is measured", () => {
  expect(line([at(1), at(1), at(3)], times, (point) => point.count, 0, "a", "red").values).toEqual([0, 2, 0, 1]);
  expect(line([at(1, {}, 5)], times, (point) => point.count, null, "a", "red").values).toEqual([null, 5, null, null]);
  expect(line([at(9)], times, (point) => point.count, 0, "a", "red").values).toEqual([0, 0, 0, 0]);
});

test("the largest groups have lines of their own, the rest is added up", () => {
  const points = [at(0, { model: "a" }, 1), at(0, { model: "b" }, 9), at(1, { model: "" }, 5), at(2, { model: "c" }, 2)];
  const lines = groupLines(points, times, (point) => point.count, 0, 3);
  expect(lines.map((one) => one.label)).toEqual(["b", "none", "2 others"]);
  expect(lines[2]?.values).toEqual([1, 0, 2, 0]);
  expect(groupLines(points, times, (point) => point.count, null, 3)).toHaveLength(2);
});

test("a group that adds nothing to a sum has no line, unless none does", () => {
  const labels = (...values: number[]) =>
    groupLines(
      values.map((value, group) => at(0, { model: `m${group}` }, value)),
      times,
      (point) => point.count,
      0,
    ).map((one) => one.label);
  expect(labels(3, 0)).toEqual(["m0"]);
  expect(labels(0, 0)).toEqual(["m0", "m1"]);
});

test("stacked lines end at the sum", () => {
  const lines = [1, 2].map((value) => line([at(0, {}, value)], times, (point) => point.count, 0, "", ""));
  expect(stack(lines).map((one) => one.values[0])).toEqual([1, 3]);
});

test("a drag covers whole buckets, in either direction", () => {
  const data = { timesMs: times, bucketMs: 60_000, lines: [] };
  expect(covered(data, 2, 1)).toEqual({ fromMs: 60_000, toMs: 180_000 });
  expect(covered(data, 0, 9)).toBeNull();
  expect(hasFigures(data)).toBe(false);
});
