import { expect, test } from "vitest";
import { folded } from "./line-diff";

const same = (text: string) => ({ kind: "same" as const, text });

test("lines far from a difference are folded away, and counted", () => {
  const lines = [same("a"), same("b"), same("c"), { kind: "added" as const, text: "d" }, same("e"), same("f")];
  expect(folded(lines, 1)).toEqual([{ left: 2 }, same("c"), { kind: "added", text: "d" }, same("e"), { left: 1 }]);
});
test("texts that are the same are folded as a whole", () => {
  expect(folded([same("a"), same("b")])).toEqual([{ left: 2 }]);
});
