import { expect, test } from "vitest";
import { alertStanding, isWebLink, matcherLines, matchersOf, silenceWords } from "./alerts";
import { readAlertsSearch } from "./alerts-search";

const told = { state: "firing", owner: "", snoozed_until: null, snoozed_version: "" } as const;

test("who has an alert says more than that it fires", () => {
  expect(alertStanding(told).words).toBe("firing");
  expect(alertStanding({ ...told, owner: "ann" }).words).toBe("ann has it");
  expect(alertStanding({ ...told, owner: "ann", snoozed_version: "2" }).words).toBe("snoozed by ann");
  expect(alertStanding({ ...told, owner: "ann", state: "resolved" }).state).toBe("ok");
});

test("an alert is silenced by its rule and its group", () => {
  expect(matchersOf("errors", { rule: "errors", project: "x", severity: "error", agent: "coder", odd: "a*", line: "a\nb" })).toEqual([
    "rule=errors",
    "agent=coder",
  ]);
  expect(matcherLines(" a=b \n\n c!=d")).toEqual(["a=b", "c!=d"]);
});

test("only links of the web are followed", () => {
  expect(["https://x", "HTTP://x", "javascript:alert(1)", "//x", ""].map(isWebLink)).toEqual([true, true, false, false, false]);
});

test("a silence tells how long", () => {
  const at = (minutes: number) => new Date(minutes * 60_000).toISOString();
  expect(silenceWords(at(0), at(60), true, 0)).toContain("ends in 60");
  expect(silenceWords(at(10), at(90), false, 0)).toContain("begins in 10");
  expect(silenceWords(at(0), at(1), false, 5 * 60_000)).toBe("over");
});

test("the address of alerts takes anything", () => {
  expect(readAlertsSearch({ show: "rules", state: "firing,none", alert: "<x>", delivery: "failed" })).toEqual({
    show: "rules",
    state: ["firing"],
    delivery: ["failed"],
  });
  expect(readAlertsSearch({ show: "alerts" })).toEqual({});
});
