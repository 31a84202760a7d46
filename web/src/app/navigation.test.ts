import { expect, it } from "vitest";
import { NAVIGATION } from "./navigation";

it("has a key of its own for every page", () => {
  const keys = NAVIGATION.flatMap((group) => group.items.map((item) => item.keys));
  expect(new Set(keys).size).toBe(keys.length);
});
