import { describe, expect, it } from "vitest";
import { isSum, MEASURES, NEW_PANEL, panelsOf, READY_MADE } from "./dashboards";
import { COLUMNS } from "./grid";
import { priceOverride } from "./price-override";

describe("ready-made dashboards", () => {
  it.each(READY_MADE.map((one) => [one.id, one] as const))("%s has panels that lie beside each other on the grid", (_, { panels }) => {
    const taken = new Set<string>();
    for (const { x, y, w, h } of panels) {
      expect(x + w).toBeLessThanOrEqual(COLUMNS);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          expect(taken.has(`${column}/${row}`)).toBe(false);
          taken.add(`${column}/${row}`);
        }
      }
    }
  });

  it("measure what their source has", () => {
    for (const panel of READY_MADE.flatMap((one) => one.panels)) {
      if (panel.source !== "sql") expect(MEASURES[panel.source]).toContain(panel.measure);
    }
  });
});

describe("saved panels", () => {
  it("have the usual where nothing is said", () => {
    expect(panelsOf({ panels: [{ title: "Mine" }] })).toEqual([{ ...NEW_PANEL, title: "Mine" }]);
    expect(panelsOf({})).toEqual([]);
  });

  it("add up counts, not percentiles", () => {
    expect([isSum("count"), isSum("cost_usd"), isSum("p95")]).toEqual([true, true, false]);
  });
});

describe("a price to write down", () => {
  it("quotes a model's name, whatever is in it", () => {
    expect(priceOverride('a"b\n')).toContain('model: "a\\"b\\n"');
  });
});
