import { expect, test } from "vitest";
import { bars, heights } from "./pulse";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const BOUNDS = { fromMs: Date.UTC(2026, 0, 1, 0, 0, 30), toMs: Date.UTC(2026, 0, 1, 0, 5) };

test("gaps are zero, and the axis is even", () => {
  const found = bars(
    [
      { time: at(1), n: 3 },
      { time: at(4), n: 1 },
    ],
    60,
    BOUNDS,
    (point) => point.n,
  );
  expect(found.map((bar) => bar.value)).toEqual([0, 3, 0, 0, 1]);
});

test("groups of one bucket are added up", () =>
  expect(
    bars(
      [
        { time: at(1), n: 3 },
        { time: at(1), n: 4 },
      ],
      60,
      BOUNDS,
      (point) => point.n,
    )[1]?.value,
  ).toBe(7));
test("the number of bars is bounded", () => expect(bars([], 1, { fromMs: 0, toMs: 1e9 }, () => 0)).toHaveLength(400));
test("one beside a thousand is still seen", () => {
  const bar = (value: number) => ({ fromMs: 0, toMs: 1, value });
  expect(heights([bar(1000), bar(1), bar(0)])).toEqual([1, 0.04, 0]);
});
