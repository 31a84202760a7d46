import { describe, expect, it } from "vitest";
import { pollMs, stillRuns } from "./running-trace";

const START = "2026-01-01T00:00:00Z";
const at = (seconds: number) => Date.parse(START) + seconds * 1000;

describe("a trace that runs", () => {
  it("runs while a span has not ended, and for a moment after its last end", () => {
    expect(stillRuns({ pending: 1, start: START, duration_ns: 1 }, at(9999))).toBe(true);
    expect(stillRuns({ pending: 0, start: START, duration_ns: 10e9 }, at(20))).toBe(true);
    expect(stillRuns({ pending: 0, start: START, duration_ns: 10e9 }, at(100))).toBe(false);
  });

  it("is asked for less often the larger it is", () => {
    expect(pollMs(10, 0)).toBeLessThan(pollMs(100_000, 0));
  });

  it("is asked for less often the longer it is silent, but is never forgotten", () => {
    const day = 86_400_000;
    expect(pollMs(10, 120_000)).toBeGreaterThan(pollMs(10, 20_000));
    expect(pollMs(10, day)).toBeLessThanOrEqual(30_000);
  });
});
