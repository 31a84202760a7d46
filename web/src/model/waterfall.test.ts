import { describe, expect, it } from "vitest";
import { barPlace, between, panned, ticks, wholeOf, zoomed } from "./waterfall";

const WHOLE = wholeOf(100_000);

describe("the time axis", () => {
  it("places bars by share, cut to what is in sight", () => {
    expect(barPlace(25_000, 50_000, WHOLE)).toEqual({ left: 0.25, width: 0.5 });
    expect(barPlace(0, 100_000, { from: 50_000, to: 100_000 })).toEqual({ left: 0, width: 1 });
    expect(barPlace(0, 10_000, { from: 50_000, to: 100_000 })).toBeNull();
  });

  it("writes round times, never more than asked for and one", () => {
    expect(ticks({ from: 0, to: 13.2e9 }, 5)).toEqual([0, 5e9, 10e9]);
    expect(ticks({ from: 0, to: 3600e9 }, 4)).toEqual([0, 900e9, 1800e9, 2700e9, 3600e9]);
    for (const to of [1, 17, 999, 1e6, 7e9, 86_400e9, 9e15]) expect(ticks({ from: 0, to }, 5).length).toBeLessThanOrEqual(6);
  });

  it("zooms around a place and never leaves the trace", () => {
    expect(zoomed(WHOLE, 0.5, 0.5, 100_000)).toEqual({ from: 25_000, to: 75_000 });
    expect(zoomed({ from: 0, to: 50_000 }, 4, 0.5, 100_000)).toEqual(WHOLE);
    expect(zoomed(WHOLE, 0.000_001, 0, 100_000)).toEqual({ from: 0, to: 1000 });
    expect(panned({ from: 50_000, to: 100_000 }, 0.5, 100_000)).toEqual({ from: 50_000, to: 100_000 });
  });

  it("takes a drag in either direction, and no mere click", () => {
    expect(between(WHOLE, 0.6, 0.2, 100_000)).toEqual({ from: 20_000, to: 60_000 });
    expect(between(WHOLE, 0.5, 0.505, 100_000)).toBeNull();
  });
});
