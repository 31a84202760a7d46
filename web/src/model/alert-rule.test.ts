import { describe, expect, it } from "vitest";
import { conditionWords, KINDS } from "./alert-condition";
import { NEW_MODULE } from "./alert-modules";
import { formOf, NEW_RULE, type RuleForm, readForm, withSource } from "./alert-rule";
import { secondsOf, timeText } from "./short-time";

const named: RuleForm = { ...NEW_RULE, name: "errors" };
const points: RuleForm = { ...named, ...withSource(named, "points"), metric: "queue.depth" };
const conditionIn = (form: RuleForm) => readForm(form).rule?.["condition"] as Record<string, unknown>;

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
    for (const rates of ["0.9", "0.8 0.9 0.95", "1 2 3", "0.9 0.8 0.7 0.6", ""])
      expect(readForm({ ...named, kind: "success_rate", rates }).mistakes.rates).toBeTruthy();
  });
  it("can be tried before it has a name", () => {
    expect(readForm({ ...named, name: "" }).rule).not.toBeNull();
  });
  it("keeps a condition of a kind that it does not know", () => {
    const rule = { condition: { kind: "magic", wand: { length: 3 } }, colour: "blue" };
    const form = formOf("errors", rule);
    expect(readForm(form).mistakes).toEqual({});
    expect(readForm({ ...form, title: "Magic" }).rule).toMatchObject({ ...rule, title: "Magic" });
  });
  it("leaves nothing behind of a kind that it was before", () => {
    const form = formOf("errors", { condition: { kind: "finding", severity: "error", quiet_s: 60, later: 1 } });
    expect(conditionIn({ ...form, kind: "absence" })).toEqual({
      kind: "absence",
      source: "calls",
      metric: "",
      window_s: 300,
      known_s: 86_400,
    });
  });
});

describe("points of a metric", () => {
  it("need its name, and have figures of their own", () => {
    expect(points.measure).toBe("avg");
    expect(conditionIn(points)).toMatchObject({ source: "points", metric: "queue.depth", measure: "avg", min_count: 0 });
    expect(readForm({ ...points, metric: " " }).mistakes).toEqual({ metric: "the name of a metric" });
  });
  it("leave nothing behind when something else is looked at", () => {
    const spans = { ...points, ...withSource(points, "spans") };
    expect(conditionIn(spans)).toMatchObject({ source: "spans", metric: "", measure: "error_rate" });
  });
});

describe("modules of a success rate", () => {
  const rate: RuleForm = { ...named, kind: "success_rate" };
  const billing = { ...NEW_MODULE, match: "agent=billing-*", rates: "0.999, 0.99 0.95", minCount: "5" };

  it("say what is expected of them, in order", () => {
    expect(conditionIn({ ...rate, modules: [billing, { ...NEW_MODULE, match: "agent=b" }] })["modules"]).toEqual([
      { match: ["agent=billing-*"], warning: 0.999, error: 0.99, critical: 0.95, min_count: 5 },
      { match: ["agent=b"], warning: 0.95, error: 0.9, critical: 0.8, min_count: null },
    ]);
  });
  it("are about what there is an alert for each of", () => {
    const { mistakes, rule } = readForm({
      ...rate,
      groupBy: "tool",
      modules: [billing, { ...billing, match: "", rates: "1", minCount: "x" }],
    });
    expect(rule).toBeNull();
    expect(Object.keys(mistakes).sort()).toEqual(["modules.0.match", "modules.1.match", "modules.1.minCount", "modules.1.rates"]);
    expect(mistakes["modules.0.match"]).toContain("for each agent");
  });
});

describe("times and words", () => {
  it("reads and writes times", () => {
    expect(["90", "5m", " 1 h ", "2d", "x", ""].map(secondsOf)).toEqual([90, 300, 3600, 172_800, null, null]);
    expect([0, 90, 300, 3600, 86_400].map(timeText)).toEqual(["0s", "90s", "5m", "1h", "1d"]);
  });
  it("tells a condition in a line", () => {
    expect(conditionWords(conditionIn(named))).toBe("error rate of calls > 0.1 over 5m");
    expect(conditionWords(conditionIn({ ...points, measure: "p95" }))).toBe("p95 of queue.depth > 0.1 over 5m");
    expect(conditionWords({ kind: "absence", source: "points", metric: "up" })).toBe("no up");
    expect(conditionWords({ kind: "success_rate", source: "calls", warning: 0.9, error: 0.8, critical: 0.7, modules: [{}] })).toBe(
      "success of calls below 0.9, 0.8, 0.7, 1 module otherwise",
    );
    expect(conditionWords({ kind: "finding", severity: "error" })).toBe("a finding, error or worse");
    expect(conditionWords({})).toBe("");
  });
});
