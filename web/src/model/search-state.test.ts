import { describe, expect, test } from "vitest";
import {
  parseSearch,
  projectOf,
  rangeOf,
  readChoice,
  readChoices,
  readNumber,
  readShared,
  readText,
  stringifySearch,
  switched,
} from "./search-state";

describe("round trips", () => {
  test.each([
    {},
    { query: 'kind:llm model:gpt-4o* "timed out" cost>$0.05' },
    { project: "shop & co", from: "-1h", query: "a=b&c#d+e%20f" },
    { query: "🔥 “quotes” \\ 日本語", columns: ["name", "cost"] },
    { query: "true" },
    { query: "123" },
  ])("%j comes back as it was", (search) => expect(parseSearch(stringifySearch(search))).toEqual(search));

  test("what is not set is not written", () => expect(stringifySearch({ query: undefined, sort: null, columns: [] })).toBe(""));
  test("addresses stay readable", () =>
    expect(stringifySearch({ query: "status:error", columns: "name,cost" })).toBe("?query=status:error&columns=name,cost"));
});

describe("readers", () => {
  test("numbers that look like text are text", () => expect(readText(123)).toBe("123"));
  test("the last of several wins", () => expect(readText(["a", "b"])).toBe("b"));
  test("long text is cut", () => expect(readText("x".repeat(9000))).toHaveLength(4096));
  test("a number outside its bounds is none", () =>
    expect([readNumber("5", 1, 9), readNumber("99", 1, 9), readNumber("x", 1, 9)]).toEqual([5, undefined, undefined]));
  test("an unknown choice is none", () =>
    expect([readChoice("cost", ["start", "cost"]), readChoice("price", ["start", "cost"])]).toEqual(["cost", undefined]));
  test("choices keep their order and lose strangers", () => expect(readChoices("c,x,a,c", ["a", "b", "c"])).toEqual(["c", "a"]));
});

describe("what every page shares", () => {
  test("defaults are left out", () => expect(readShared({ project: "default", from: "-24h", to: "now" })).toEqual({}));
  test("a range keeps what differs", () => expect(readShared({ from: "-1h", to: "now" })).toEqual({ from: "-1h" }));
  test("a time that is none falls back", () => expect(rangeOf(readShared({ from: "yesterday-ish" }))).toEqual({ from: "-24h", to: "now" }));
  test("reading twice changes nothing", () => {
    const once = readShared({ project: "shop", from: "-7d", refresh: "15", junk: 1 });
    expect(readShared({ ...once })).toEqual(once);
    expect(projectOf(once)).toBe("shop");
  });
});

test("a value is chosen and left again, in the order of all; none left is nothing", () => {
  expect(switched(["running", "failed"], ["failed"], "running")).toEqual(["running", "failed"]);
  expect(switched(["running", "failed"], undefined, "failed")).toEqual(["failed"]);
  expect(switched(["running", "failed"], ["failed"], "failed")).toBeUndefined();
});
