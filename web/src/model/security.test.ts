import { expect, test } from "vitest";
import { chainOf, isOpen, mitigationWord, securityQuery, threatWord } from "./security";
import { readSecuritySearch } from "./security-search";

const row = { kind: "tool", tool: "", name: "", time: null, duration_ns: null, input: "", output: "" };

test("what was found again after something was done about it is open", () => {
  const [never, done, back] = [{ mitigated: null }, { mitigated: { again: false } }, { mitigated: { again: true } }];
  expect([never, done, back].map(isOpen)).toEqual([true, false, true]);
  expect([never, done, back].map(mitigationWord)).toEqual(["", "mitigated", "came back"]);
});

test("a chain tells what was read, and then what was done, with the time between", () => {
  const read = {
    ...row,
    part: "untrusted",
    tool: "fetch",
    time: "2026-01-01T00:00:00.000000000Z",
    duration_ns: 5e8,
    input: "url",
    output: "ignore all",
  };
  const act = {
    ...row,
    part: "acts",
    tool: "send",
    time: "2026-01-01T00:00:02.000000000Z",
    duration_ns: 1,
    input: "to: x",
    output: "sent",
  };
  const told = chainOf([read, act]);
  expect(told.map(({ text, tone, after }) => ({ text, tone, after }))).toEqual([
    { text: "ignore all", tone: "warning", after: "" },
    { text: "to: x", tone: "error", after: expect.stringMatching(/^1.5.s later$/) },
  ]);
  expect(chainOf([{ ...row, part: "shows", kind: "" }])[0]?.label).toBe("A row that is gone");
  expect(chainOf([{ ...row, part: "shows", tool: "sql", input: "select", output: "rows" }])[0]).toMatchObject({
    label: "sql",
    text: "select",
  });
});

test("a score is a word, and no threat is none", () => {
  expect([0, 0.1, 0.3, 0.6, 0.85, 1].map((score) => threatWord(score).word)).toEqual([
    "none",
    "low",
    "raised",
    "high",
    "very high",
    "very high",
  ]);
});

test("a search of one's own is asked among security findings", () => {
  expect(securityQuery("agent:a or agent:b")).toMatch(/^\(agent:a or agent:b\) event:finding /);
});

test("the address is read twice as once, and what is no choice is left out", () => {
  const raw = {
    query: "a",
    standing: "mitigated",
    by: "subject",
    owasp: "ASI01",
    severity: "critical",
    finding: "ab".repeat(8),
    agent: "x",
  };
  const once = readSecuritySearch(raw);
  expect(readSecuritySearch({ ...once })).toEqual(once);
  expect(once).toMatchObject({ standing: "mitigated", owasp: "ASI01" });
  expect(readSecuritySearch({ standing: "open", by: "class", owasp: "x".repeat(99), finding: "evil" })).toEqual({});
});
