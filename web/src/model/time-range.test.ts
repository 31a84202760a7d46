import { expect, test } from "vitest";
import { between, bounds, isMoving, isTime, moment, rangeLabel, rangeShort } from "./time-range";

const NOW = Date.UTC(2026, 10, 21, 12);

test.each([
  ["now", NOW],
  ["-15m", NOW - 900_000],
  ["now-7d", NOW - 7 * 86_400_000],
  ["2026-11-21T10:00:00Z", NOW - 7_200_000],
  ["soon", null],
])("%s is read", (text, ms) => expect(moment(text, NOW)).toBe(ms));

test("a relative range moves, an absolute one stands", () => {
  expect(isMoving({ from: "-1h", to: "now" })).toBe(true);
  expect(isMoving(between(NOW - 60_000, NOW))).toBe(false);
});

test("ends that are turned round still make a range", () => {
  const { fromMs, toMs } = bounds({ from: "now", to: "-1h" }, NOW);
  expect(fromMs).toBeLessThan(toMs);
});

test("a drag in either direction gives the same range, in whole seconds", () => {
  expect(between(NOW - 1500, NOW + 200)).toEqual(between(NOW + 200, NOW - 1500));
  expect(between(NOW - 1500, NOW + 200)).toEqual({ from: "2026-11-21T11:59:58.000Z", to: "2026-11-21T12:00:01.000Z" });
});

test("a click without a drag is a second long", () => {
  const range = between(NOW, NOW);
  expect(bounds(range, NOW).toMs - bounds(range, NOW).fromMs).toBe(1000);
});

test("labels are words", () => {
  expect(rangeLabel({ from: "-24h", to: "now" })).toBe("Last 24 hours");
  expect(rangeLabel({ from: "-45m", to: "now" })).toBe("Last 45 min");
});

test("only times are times", () => expect([isTime("-1h"), isTime("'; drop"), isTime("")]).toEqual([true, false, false]));

test("a range is told in a few letters", () => {
  expect(rangeShort({ from: "-2h", to: "now" })).toBe("2h");
  expect(rangeShort({ from: "2026-11-20T10:00", to: "2026-11-21T10:00" })).toBe("Nov 20 – Nov 21");
  expect(rangeShort({ from: "2026-11-21T10:00", to: "2026-11-21T12:00" })).toBe("Nov 21");
});
