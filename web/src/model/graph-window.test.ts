import { describe, expect, it } from "vitest";
import { firstSight, fitting } from "./graph-window";

const ROOM = { width: 1000, height: 600 };

describe("a graph in its window", () => {
  it("fits with a margin, and is never blown up", () => {
    expect(fitting({ width: 1904, height: 100 }, ROOM)).toBeCloseTo(0.5);
    expect(fitting({ width: 100, height: 50 }, ROOM)).toBe(1.1);
    expect(fitting({ width: 0, height: 0 }, { width: 0, height: 0 })).toBe(0);
  });

  it("is in the middle where all of it can be read", () => {
    const sight = firstSight({ width: 952, height: 200 }, ROOM, { x: 114, y: 27 }, false);
    expect(sight).toEqual({ x: 24, y: 200, zoom: 1 });
  });

  it("begins at its root where it would become too small", () => {
    const large = { width: 4000, height: 3000 };
    const down = firstSight(large, ROOM, { x: 2000, y: 27 }, false);
    expect(down.x + 2000 * down.zoom).toBe(500);
    expect(down.y).toBeGreaterThan(0);
    const across = firstSight(large, ROOM, { x: 114, y: 1500 }, true);
    expect(across.y + 1500 * across.zoom).toBe(300);
    expect(across.x).toBe(24);
    expect(across.zoom).toBe(down.zoom);
  });
});
