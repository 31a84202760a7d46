import { describe, expect, it } from "vitest";
import { bandOf, bandWords, formatOfFinding, rarity } from "./band";
import { detailsOf, featuresOf, measureOf, subjectOf } from "./finding-details";
import { arrange, atOnce, evidenceRow, keep, latest, newer, owaspWords, severityCounts, type Told, verdictWords } from "./findings";
import { readFindingsSearch } from "./findings-search";

const finding = (more: Partial<Told>): Told => ({
  fingerprint: "00",
  analyzer: "anomaly",
  rule: "duration_point",
  severity: "warning",
  title: "slow",
  agent: "coder",
  metric: "duration",
  count: 1,
  first_seen: "2026-11-22T09:00:00.000000000Z",
  last_seen: "2026-11-22T09:00:00.000000000Z",
  ...more,
});

describe("arrange", () => {
  const slow = finding({ fingerprint: "01" });
  const shared = finding({ fingerprint: "02", rule: "duration_shared", severity: "error", agent: "" });
  const stolen = finding({ fingerprint: "03", analyzer: "logins", rule: "spray", metric: "", severity: "critical", agent: "" });
  it("puts a point, a shift and what many share of one figure together, the worst first", () => {
    const groups = arrange([slow, shared, stolen], "cause");
    expect(groups.map(({ label, note }) => [label, note])).toEqual([
      ["Spray", "logins"],
      ["Duration", "anomaly"],
    ]);
    expect(groups[1]?.findings).toEqual([shared, slow]);
  });
  it("puts what has one cause together, whoever found it, with the number of agents", () => {
    const all = finding({ fingerprint: "05", rule: "duration_shared", severity: "error", agent: "", cause: "model gpt-4o", peers: 9 });
    const one = finding({
      fingerprint: "06",
      analyzer: "performance",
      rule: "failures_grew",
      metric: "failures",
      cause: "model gpt-4o",
      peers: 3,
    });
    const groups = arrange([slow, one, all], "cause");
    expect(groups.map(({ label, note, agents }) => [label, note, agents])).toEqual([
      ["Model gpt-4o", "failures, duration", 9],
      ["Duration", "anomaly", 1],
    ]);
  });
  it("says who else is in the state, and what verdicts do", () => {
    expect([atOnce(0, null), atOnce(2, null), atOnce(9, 12)]).toEqual(["nobody else", "2 others", "9 of 12 others"]);
    expect(verdictWords({ verdict: "noise", factor: 0.01, heeded: true })).toContain("1/100 of the usual share");
    expect(verdictWords({ verdict: "useful", factor: 10, heeded: true })).toContain("10 times");
    expect(verdictWords({ verdict: "useful", factor: 1, heeded: true })).toContain("cancel");
    expect(verdictWords({ verdict: "noise", factor: 0.1, heeded: false })).toContain("exact");
  });
  it("puts together by agent, or all by time", () => {
    expect(arrange([slow, shared, stolen], "subject").map((one) => one.label)).toEqual(["No single agent", "coder"]);
    const late = finding({ fingerprint: "04", severity: "info", last_seen: "2026-11-22T10:00:00.000000000Z" });
    expect(arrange([stolen, late], "time")[0]?.findings[0]).toBe(late);
    expect(arrange([], "time")).toEqual([]);
  });
  it("keeps what is asked for, and counts", () => {
    expect(keep([slow, stolen], { severity: ["critical"] })).toEqual([stolen]);
    expect(keep([slow, stolen], { agent: "coder", analyzer: "logins" })).toEqual([]);
    expect(severityCounts([slow, stolen], ["info"]).map((one) => [one.severity, one.count])).toEqual([
      ["critical", 1],
      ["warning", 1],
      ["info", 0],
    ]);
  });
  it("knows what came after somebody looked", () => {
    expect(newer([slow], "2026-11-22T09:00:00.000000000Z")).toEqual([]);
    expect(newer([slow], "")).toEqual([slow]);
    expect(latest([slow, finding({ last_seen: "2026-11-22T11:00:00.000000000Z" })])).toContain("T11");
    expect(latest([])).toBe("");
  });
});

describe("bandOf", () => {
  it("places figure and band on one scale", () => {
    const band = bandOf(8, [1, 2]);
    expect(band?.outside).toBe(true);
    expect(band?.at).toBe(92);
    expect((band?.low ?? 0) < (band?.high ?? 0) && (band?.high ?? 0) < 92).toBe(true);
    expect(bandOf(1.5, [1, 2])?.outside).toBe(false);
  });
  it("draws nothing where a part is missing or no number", () => {
    for (const [observed, expected] of [
      [null, [1, 2]],
      [1, null],
      [Number.NaN, [1, 2]],
      [1, [2, 1]],
      [1, [1]],
    ] as const)
      expect(bandOf(observed, expected)).toBeNull();
  });
  it("stays within the drawing whatever the figures are", () => {
    for (const [observed, low, high] of [
      [1e308, -1e308, 5e-324],
      [0, 0, 0],
      [-5, -1, 3],
      [1e9, 1, 2],
    ] as const) {
      const band = bandOf(observed, [low, high]);
      for (const place of [band?.low, band?.high, band?.at]) expect(place).toSatisfy((one: number) => one >= 0 && one <= 100);
    }
  });
  it("writes figures in their unit", () => {
    expect(bandWords(8.4, [0.9, 2.3], "s")).toBe("8.4\u202fs, expected 900\u202fms to 2.3\u202fs");
    expect(bandWords(10, [0, 3], "attempts")).toBe("10 attempts, expected 0 to 3 attempts");
    expect(bandWords(1, [1, 3], "records")).toBe("1 record, expected 1 to 3 records");
    expect(bandWords(2, [0, 0], "records")).toBe("2 records, expected 0 records");
    expect(bandWords(0.31, null, "1")).toBe("31\u202f%");
    expect(bandWords(null, null, "s")).toBe("");
    expect(formatOfFinding("1/min")(12)).toBe("12/min");
    expect(formatOfFinding("USD")(0.0412)).toBe("$0.041");
    expect(formatOfFinding("x")(1e300)).toBe("1.00e+300");
    expect(rarity(2e-7)).toBe("1 in 5M");
    expect(rarity(null)).toBe("");
    expect(rarity(1)).toBe("always");
  });
});

describe("parts of a finding", () => {
  it("knows rows that can be opened", () => {
    const span = `${"a".repeat(32)}/${"b".repeat(16)}`;
    expect(evidenceRow(span)).toEqual({ kind: "span", traceId: "a".repeat(32), spanId: "b".repeat(16) });
    expect(evidenceRow("c".repeat(32))).toEqual({ kind: "event", eventId: "c".repeat(32) });
    expect(evidenceRow("javascript:alert(1)\u202e")).toEqual({ kind: "other", text: "javascript:alert(1)\\u202e" });
  });
  it("knows the classes of OWASP", () => {
    expect(owaspWords("ASI02")).toBe("ASI02 Tool misuse and exploitation");
    expect(owaspWords("ASI99")).toBe("ASI99");
  });
  it("reads subject, contributions, details and figures from attributes", () => {
    const attributes = {
      "gen_ai.agent.name": "coder",
      "spyglass.finding.subject.path": "/etc\u202e",
      "spyglass.finding.features": { small: 0.1, large: 0.7, odd: "x" },
      "spyglass.finding.details.agents": ["a", "b"],
      "spyglass.finding.details.deep": { a: 1 },
      "spyglass.finding.observed": 3,
      "spyglass.finding.expected_low": 1,
    };
    expect(subjectOf(attributes)).toEqual([
      { name: "agent", value: "coder" },
      { name: "path", value: "/etc\\u202e" },
    ]);
    expect(featuresOf(attributes).map((one) => one.name)).toEqual(["large", "small"]);
    expect(featuresOf({ "spyglass.finding.features": [1] })).toEqual([]);
    expect(detailsOf(attributes)).toEqual([
      { name: "agents", value: "a, b" },
      { name: "deep", value: '{"a":1}' },
    ]);
    expect(measureOf(attributes)).toEqual({ observed: 3, expected: null });
    const figures = { run_seconds: 90.664, spent_since_usd: 0.31, read_bytes: 2048, run_tokens: 9000, seconds: "soon" };
    const told = Object.fromEntries(Object.entries(figures).map(([name, value]) => [`spyglass.finding.details.${name}`, value]));
    expect(detailsOf(told).map(({ name, value }) => `${name}: ${value}`)).toEqual([
      "run time: 1m\u202f31s",
      "spent since: $0.310",
      "read: 2\u202fKiB",
      "run tokens: 9,000",
      "seconds: soon",
    ]);
  });
});

describe("readFindingsSearch", () => {
  it("takes anything, and what it gives it takes again", () => {
    const raw = {
      query: "agent:x",
      severity: "error,nonsense",
      by: "time",
      finding: "0123456789abcdef",
      panel: "600",
      analyzer: "anomaly",
    };
    const read = readFindingsSearch(raw);
    expect(read).toEqual({
      query: "agent:x",
      severity: ["error"],
      by: "time",
      finding: "0123456789abcdef",
      panel: 600,
      analyzer: "anomaly",
    });
    expect(readFindingsSearch({ ...read })).toEqual(read);
    expect(readFindingsSearch({ by: "cause", finding: "<script>", panel: "1", severity: "" })).toEqual({});
  });
});
