import { describe, expect, test } from "vitest";
import { ACCENT, contrast, KINDS, kindOf, STATUSES, SURFACES, TEXTS } from "./colours";

const READ = Object.entries({ ...TEXTS, ...STATUSES, ...KINDS, accent: ACCENT });

describe.each(Object.entries(SURFACES))("on %s", (_, surface) => {
  test.each(READ)("%s reads well in both schemes (WCAG AA)", (_name, colour) => {
    expect(contrast(colour.light, surface.light)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour.dark, surface.dark)).toBeGreaterThanOrEqual(4.5);
  });
});

test("black on white is 21", () => expect(contrast("#000000", "#ffffff")).toBeCloseTo(21));
test("kinds that are not known are plain spans", () =>
  expect([kindOf("create_agent"), kindOf("warp"), kindOf("llm")]).toEqual(["agent", "span", "llm"]));
