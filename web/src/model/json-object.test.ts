import { expect, test } from "vitest";
import { readObject } from "./json-object";

test("an object is read; anything else is told to be none", () => {
  expect(readObject('{"a": 1}')).toEqual({ value: { a: 1 }, mistake: "" });
  expect(readObject("[1]").mistake).toContain("object");
  expect(readObject("{").mistake).toContain("not JSON");
});
