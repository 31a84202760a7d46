import { expect, test } from "vitest";
import { asBars, cellText, isNumeric, overTime, sqlParameters } from "./sql-answer";

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

test("any value is one line of text", () => {
  expect([null, { a: [1] }, 3].map(cellText)).toEqual(["", '{"a":[1]}', "3"]);
  expect(isNumeric([{ a: null }], "a")).toBe(false);
});
