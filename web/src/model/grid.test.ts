import { expect, test } from "vitest";
import { below, put } from "./grid";

const panels = [
  { x: 0, y: 0, w: 6, h: 4 },
  { x: 6, y: 0, w: 6, h: 4 },
  { x: 0, y: 4, w: 12, h: 4 },
];

test("what is in the way is pushed down", () => {
  const after = put(panels, 0, { x: 6 });
  expect(after[0]).toEqual({ x: 6, y: 0, w: 6, h: 4 });
  expect(after[1]?.y).toBe(4);
  expect(after[2]?.y).toBe(8);
  expect(below(after)).toBe(12);
});

test("nothing leaves the grid", () => {
  expect(put(panels, 1, { x: 40, y: -3, w: 99 })[1]).toEqual({ x: 0, y: 0, w: 12, h: 4 });
  expect(put(panels, 1, { w: 0, h: 0 })[1]).toMatchObject({ w: 2, h: 2 });
  expect(put(panels, 9, { x: 1 })).toBe(panels);
});
