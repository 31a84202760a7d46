import { expect, test } from "vitest";
import { below, brief, lastName, marksOfChanges, shownOf } from "./state-marks";

const change = (kind: "added" | "removed" | "changed", pointer: string) => ({ kind, pointer, before: 1, before_bytes: 1 });

test("changes are found by place, and what holds them is known", () => {
  const marks = marksOfChanges([change("added", "/plan/1"), change("removed", "/plan/2/stop"), change("changed", "/goal")]);
  expect([...marks.at.keys()]).toEqual(["/plan/1", "/goal"]);
  expect([...marks.within].sort()).toEqual(["", "/plan", "/plan/2"]);
  expect(marks.removed.get("/plan/2")?.map((one) => lastName(one.pointer))).toEqual(["stop"]);
});
test("a whole state that is another one is marked at its root", () => {
  expect(marksOfChanges([change("changed", "")]).at.has("")).toBe(true);
});
test("names are escaped as JSON pointers want it, and read again", () => {
  expect(below("/a", "b/c~d")).toBe("/a/b~1c~0d");
  expect(lastName("/a/b~1c~0d")).toBe("b/c~d");
});
test("what JSON has no word for is told by its type", () => {
  expect(shownOf({ $type: "set", value: [1] }, "/x")).toEqual({ type: "set", value: [1], pointer: "/x/value" });
  expect(shownOf({ $type: "placeholder", of: "threading:Lock", why: "has no JSON" }, "/x")).toMatchObject({
    type: "placeholder Lock",
    value: "has no JSON",
  });
  expect(shownOf([1], "/x").type).toBe("");
});
test("long values are cut", () => {
  expect(brief({ a: "b" })).toBe('{"a":"b"}');
  expect(brief("x".repeat(300))).toHaveLength(202);
});
