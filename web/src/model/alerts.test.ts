import { expect, test } from "vitest";
import { affectedWords, alertStanding, causeStanding, isWebLink, matcherLines, matchersOf, silenceWords } from "./alerts";
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

const of = (owner: string, state: "firing" | "resolved" = "firing") => ({ owner, state });

test("a cause is somebody's when nothing is left that nobody has", () => {
  const words = (open: number, owned: number, ...alerts: ReturnType<typeof of>[]) =>
    causeStanding({ state: open ? "firing" : "resolved", open, owned, alerts }).words;
  expect(words(2, 0, of(""), of(""))).toBe("firing");
  expect(words(2, 1, of("ana"), of(""))).toBe("firing, 1 of 2 taken");
  expect(words(2, 2, of("ana"), of("ana"), of("cem", "resolved"))).toBe("ana has it");
  expect(words(2, 2, of("ana"), of("ben"))).toBe("ana, ben have it");
  expect(words(0, 0, of("ana", "resolved"))).toBe("resolved");
});

test("who is affected is named as far as there is room", () => {
  expect(affectedWords([], 0)).toBe("");
  expect(affectedWords(["a", "b"], 2)).toBe("a, b");
  expect(affectedWords(["a", "b", "c", "d"], 60)).toBe("a, b, c and 57 more");
});

test("the address says whether alerts stand by cause, and which cause is open", () => {
  expect(readAlertsSearch({ by: "cause", cause: "agent a" })).toEqual({ by: "cause", cause: "agent a" });
  expect(readAlertsSearch({ by: "nonsense", cause: "agent a" })).toEqual({});
});
