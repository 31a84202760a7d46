import { describe, expect, it } from "vitest";
import { bytes, duration, money } from "./format";
import { chartMoment, formatOfFigure, formatOfUnit } from "./format-chart";

describe("values of a chart", () => {
  it("have the unit of their metric", () => {
    expect(formatOfUnit("s")(1.5)).toBe(duration(1.5e9));
    expect(formatOfUnit("ms")(20)).toBe(duration(20e6));
    expect(formatOfUnit("By")(2048)).toBe(bytes(2048));
    expect(formatOfUnit("USD")(0.5)).toBe(money(0.5));
    expect(formatOfUnit("{token}")(12)).toBe("12");
    expect(formatOfUnit("requests")(12)).toBe("12 requests");
  });

  it("have the unit that the name of a figure ends with", () => {
    expect(formatOfFigure("p95_ns")(5e6)).toBe(duration(5e6));
    expect(formatOfFigure("cost_usd")(0.25)).toBe(money(0.25));
    expect(formatOfFigure("count")(7)).toBe("7");
  });
});

describe("times of a chart", () => {
  it("have seconds only where there are some", () => {
    const noon = new Date(2026, 10, 3, 12, 5).getTime();
    expect(chartMoment(noon)).toBe("Nov 3 12:05");
    expect(chartMoment(noon + 7000)).toBe("Nov 3 12:05:07");
    expect(chartMoment(undefined)).toBe("");
  });
});
