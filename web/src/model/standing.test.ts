import { describe, expect, it } from "vitest";
import { countWords, scoreText, toneOf, toneOfScore } from "./standing";

describe("a health score", () => {
  it("is never rounded into a better state", () => {
    expect([79.99, 80, 59.5, 0].map(scoreText)).toEqual(["79", "80", "59", "0"]);
    expect(scoreText(null)).toBe("–");
  });

  it("has the colour of its state", () => {
    expect([80, 79.9, 60, 59.9, null].map(toneOfScore)).toEqual(["ok", "warning", "warning", "error", "unset"]);
    expect((["healthy", "degraded", "critical", "no_data"] as const).map(toneOf)).toEqual(["ok", "warning", "error", "unset"]);
  });

  it("counts the states that there are, worst first", () => {
    expect(countWords({ healthy: 12, degraded: 0, critical: 1, no_data: 3 })).toBe("1 critical, 12 healthy, 3 no data");
  });
});
