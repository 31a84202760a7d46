import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { actionWords, canUndo, policyStanding, worksOf } from "./policies";
import { fieldsOf, formOf, readForm } from "./schema-form";

const SCHEMAS = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8")).components.schemas;

test("a policy says whether it acts, and why not", () => {
  const live = { enabled: true, mode: "live" } as const;
  const words = (acts: boolean, policy: Parameters<typeof policyStanding>[0]["policy"], problem = "") =>
    policyStanding({ acts, policy, problem }).words;
  expect(words(true, live)).toBe("live");
  expect(words(false, live)).toBe("live, but not allowed");
  expect(words(false, { ...live, mode: "dry_run" })).toBe("dry run");
  expect(words(false, { ...live, enabled: false })).toBe("off");
  expect(words(false, null, "match: missing")).toBe("match: missing");
});

test("what can be taken back is what waits, and what was done and can be undone", () => {
  expect(canUndo({ state: "waiting", kind: "restart_runner" })).toBe(true);
  expect(canUndo({ state: "done", kind: "open_issue" })).toBe(true);
  expect(canUndo({ state: "done", kind: "restart_runner" })).toBe(false);
  expect(canUndo({ state: "dry_run", kind: "webhook" })).toBe(false);
});

test("an action is told in words", () => {
  expect(actionWords({ kind: "webhook", channel: "hook" })).toBe("calls a webhook: hook");
  expect(actionWords({ kind: "restart_runner", runner: "" })).toBe("restarts a runner");
  expect(actionWords({ kind: "send_flowers" })).toBe("send flowers");
});

test("the form of a policy is made of what the API says, and loses nothing", () => {
  const works = worksOf(SCHEMAS);
  expect(works.map((one) => one.kind).sort()).toEqual(["open_issue", "restart_runner", "stop_run", "webhook"]);
  const fields = fieldsOf(SCHEMAS.Policy, SCHEMAS, ["action"]);
  expect(fields.filter((one) => one.shape === "json")).toEqual([]);
  const policy = {
    description: "Ends loops.",
    enabled: false,
    mode: "live",
    match: ["rule=loops", "agent!=a"],
    severity: "critical",
    after_s: 60,
    unless_acknowledged: false,
    per_hour: 10,
    per_subject: 2,
  };
  expect(readForm(fields, formOf(fields, policy))).toEqual({ value: policy, mistakes: {} });
  for (const { schema } of works) {
    const own = fieldsOf(schema, SCHEMAS, ["kind"]);
    const values = Object.fromEntries(own.map((one) => [one.name, "x"]));
    expect(readForm(own, formOf(own, values))).toEqual({ value: values, mistakes: {} });
  }
});
