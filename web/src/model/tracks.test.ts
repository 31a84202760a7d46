import { expect, it } from "vitest";
import { leastPx } from "./tracks";

it("tracks need what is fixed of them, and the gaps between", () => {
  expect(leastPx(["18px", "minmax(140px, 2fr)", "96px", "1fr"], 12)).toBe(18 + 140 + 96 + 3 * 12);
  expect(leastPx([], 12)).toBe(0);
});
