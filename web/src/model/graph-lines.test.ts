import { expect, it } from "vitest";
import { labelSize, roundedPath } from "./graph-lines";

it("leads a path through points, round at its corners and never past the middle between two", () => {
  expect(roundedPath([])).toBe("");
  expect(
    roundedPath([
      { x: 0, y: 0 },
      { x: 0, y: 20 },
    ]),
  ).toBe("M0 0L0 20");
  expect(
    roundedPath([
      { x: 0, y: 0 },
      { x: 0, y: 20 },
      { x: 6, y: 20 },
      { x: 6, y: 60 },
    ]),
  ).toBe("M0 0L0 17Q0 20 3 20L3 20Q6 20 6 23L6 60");
  expect(
    roundedPath([
      { x: 5, y: 5 },
      { x: 5, y: 5 },
      { x: 5, y: 5 },
    ]),
  ).not.toContain("NaN");
});

it("knows how much room words take", () => {
  expect(labelSize("100 %").width).toBeGreaterThan(30);
  expect(labelSize("a longer label").width).toBeGreaterThan(labelSize("a label").width);
});
