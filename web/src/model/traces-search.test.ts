import { expect, test } from "vitest";
import { columnsOf, DEFAULT_COLUMNS, readTracesSearch, toggleColumn, writeColumns } from "./traces-search";

test("the usual list has a short address", () =>
  expect(readTracesSearch({ sort: "start", columns: DEFAULT_COLUMNS.join(",") })).toEqual({}));
test("strangers are left out", () =>
  expect(readTracesSearch({ sort: "price", columns: "name,zebra,cost", other: 1 })).toEqual({ columns: "name,cost" }));
test("the name is always there", () => expect(columnsOf({ columns: "cost" })).toEqual(["name", "cost"]));
test("reading twice changes nothing", () => {
  const once = readTracesSearch({ query: "is:error", sort: "cost", columns: "cost,name" });
  expect(readTracesSearch({ ...once })).toEqual(once);
});
test("a column that is added takes its usual place", () =>
  expect(toggleColumn(["start", "name", "cost"], "agent")).toEqual(["start", "name", "agent", "cost"]));
test("adding and removing is nothing", () =>
  expect(writeColumns(toggleColumn(toggleColumn(DEFAULT_COLUMNS, "model"), "model"))).toBeUndefined());
