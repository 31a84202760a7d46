import { expect, test } from "vitest";
import {
  columnsOf,
  DEFAULT_COLUMNS,
  directionLabel,
  readTracesSearch,
  sortAgain,
  sortOf,
  toggleColumn,
  writeColumns,
} from "./traces-search";

test("the usual list has a short address", () =>
  expect(readTracesSearch({ sort: "start", columns: DEFAULT_COLUMNS.join(",") })).toEqual({}));
test("strangers are left out", () =>
  expect(readTracesSearch({ sort: "price", columns: "name,zebra,cost", other: 1 })).toEqual({ columns: "name,cost" }));
test("the name is always there", () => expect(columnsOf({ columns: "cost" })).toEqual(["name", "cost"]));
test("reading twice changes nothing", () => {
  const once = readTracesSearch({ query: "is:error", sort: "cost", columns: "cost,name" });
  expect(readTracesSearch({ ...once })).toEqual(once);
});
test("what is usual of the order is left out", () => {
  expect(readTracesSearch({ order: "desc" })).toEqual({});
  expect(readTracesSearch({ sort: "name", order: "asc" })).toEqual({ sort: "name" });
  expect(readTracesSearch({ sort: "cost", order: "asc" })).toEqual({ sort: "cost", order: "asc" });
});
test("a column sorts as is usual, and again the other way round", () => {
  const once = sortAgain({}, "cost");
  expect(sortOf(once)).toEqual({ sort: "cost", order: "desc" });
  const twice = sortAgain(once, "cost");
  expect(sortOf(twice)).toEqual({ sort: "cost", order: "asc" });
  expect(sortAgain(twice, "cost")).toEqual(once);
  expect(sortOf(sortAgain(twice, "name"))).toEqual({ sort: "name", order: "asc" });
});
test("an order has a name", () => expect(directionLabel("start", sortOf({}).order)).toBe("latest first"));
test("a column that is added takes its usual place", () =>
  expect(toggleColumn(["start", "name", "cost"], "agent")).toEqual(["start", "name", "agent", "cost"]));
test("adding and removing is nothing", () =>
  expect(writeColumns(toggleColumn(toggleColumn(DEFAULT_COLUMNS, "model"), "model"))).toBeUndefined());
