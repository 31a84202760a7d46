import { describe, expect, it } from "vitest";
import { conditionWords, formOf, KINDS, NEW_RULE, readForm, secondsOf, timeText } from "./alert-rule";

const named = { ...NEW_RULE, name: "errors" };

describe("the form of a rule", () => {
  it("says the same after it was kept and opened again, whatever the kind", () => {
    for (const kind of KINDS) {
      const form = { ...named, kind, labels: "team=search\nlevel=2", clear: kind === "threshold" ? "0.05" : "" };
      const { rule, mistakes } = readForm(form);
      expect(mistakes).toEqual({});
      expect(readForm(formOf("errors", rule ?? {})).rule).toEqual(rule);
    }
  });
  it("says what is wrong in which field", () => {
    const wrong = { ...named, name: "Not A Name", value: "much", window: "soon", labels: "TEAM", rates: "1 2" };
    expect(Object.keys(readForm(wrong).mistakes).sort()).toEqual(["labels", "name", "value", "window"]);
    expect(readForm(wrong).rule).toBeNull();
    expect(readForm({ ...named, kind: "success_rate", rates: "0.9" }).mistakes.rates).toBeTruthy();
  });
  it("can be tried before it has a name", () => {
    expect(readForm({ ...named, name: "" }).rule).not.toBeNull();
  });
  it("opens what it does not know with usual values", () => {
    expect(readForm(formOf("errors", { condition: { kind: "magic" } })).mistakes).toEqual({});
  });
});

describe("times and words", () => {
  it("reads and writes times", () => {
    expect(["90", "5m", " 1 h ", "2d", "x", ""].map(secondsOf)).toEqual([90, 300, 3600, 172_800, null, null]);
    expect([0, 90, 300, 3600, 86_400].map(timeText)).toEqual(["0s", "90s", "5m", "1h", "1d"]);
  });
  it("tells a condition in a line", () => {
    const { rule } = readForm(named);
    expect(conditionWords(rule?.["condition"] as Record<string, unknown>)).toBe("error rate of calls > 0.1 over 5m");
    expect(conditionWords({ kind: "finding", severity: "error" })).toBe("a finding, error or worse");
    expect(conditionWords({})).toBe("");
  });
});
