import { expect, test } from "vitest";
import { asBars, cellText, isNumeric, overTime, shownIn, sqlParameters } from "./sql-answer";

const rows = [
  { t: "2026-11-21T10:00:00Z", model: "a", calls: 2 },
  { t: "2026-11-21T10:01:00Z", model: "a", calls: 3 },
  { t: "2026-11-21T10:00:00Z", model: "b", calls: 5 },
];

test("a text gets the time range only where it asks for it", () => {
  expect(sqlParameters("select 1", { fromMs: 0, toMs: 1000 })).toEqual({});
  expect(sqlParameters("where start >= {from:DateTime64(9)}", { fromMs: 0, toMs: 1 })).toEqual({ from: "1970-01-01 00:00:00.000" });
});

test("rows with times are lines, one for each text", () => {
  const chart = overTime(["t", "model", "calls"], rows);
  expect(chart?.lines.map((one) => [one.label, one.values])).toEqual([
    ["a", [2, 3]],
    ["b", [5, null]],
  ]);
  expect(chart?.bucketMs).toBe(60_000);
  expect(overTime(["model", "calls"], rows)).toBeNull();
});

test("rows without are bars", () => {
  expect(asBars(["model", "calls"], rows)?.[2]).toEqual({ label: "b", value: 5 });
  expect(asBars(["model"], rows)).toBeNull();
});

test("a bar of which nothing is told is not named by its place", () => {
  expect(asBars(["model", "calls"], [{ model: "", calls: 1 }])?.[0]?.label).toBe("empty");
  expect(asBars(["calls"], [{ calls: 1 }])?.[0]?.label).toBe("1");
});

test("large figures are shown with their thousands apart, names and years as they are", () => {
  const shown = (column: string, ...values: number[]) =>
    values.map(
      shownIn(
        values.map((value) => ({ [column]: value })),
        column,
      ),
    );
  expect(shown("tokens", 9734, 1_234_567)).toEqual(["9,734", "1,234,567"]);
  expect(shown("day", 2025, 2026)).toEqual(["2025", "2026"]);
  expect(shown("process_pid", 123_456)).toEqual(["123456"]);
});

test("what adding up and counting in nanoseconds leave behind is not shown", () => {
  const shown = shownIn([], "any");
  expect([0.1 + 0.2, 0.000_012_345, 3].map(shown)).toEqual(["0.3", "0.000012345", "3"]);
  expect(["2026-11-23T16:21:00.000000000Z", "2026-11-23 16:21:00.120", "2026-11-23", "1.500"].map(shown)).toEqual([
    "2026-11-23T16:21:00Z",
    "2026-11-23 16:21:00.12",
    "2026-11-23",
    "1.500",
  ]);
});

test("any value is one line of text", () => {
  expect([null, { a: [1] }, 3].map(cellText)).toEqual(["", '{"a":[1]}', "3"]);
  expect(isNumeric([{ a: null }], "a")).toBe(false);
});
