import { describe, expect, it } from "vitest";
import { readAgentsSearch, sortAgents } from "./agents-search";
import { readCompareSearch, readTrace } from "./compare-search";
import { readAgentSearch } from "./definition";
import { readCompareRuns, readExecutionsSearch } from "./execution";
import { readEventsSearch, readLiveSearch } from "./live-search";
import { addsUp, aggregationsOf, readMetricsSearch } from "./metrics-search";
import { readTravelSearch } from "./moments";
import type { RawSearch } from "./search-state";
import { readSessionsSearch } from "./sessions-search";
import { readSqlSearch } from "./sql-search";

const A = "ab".repeat(16);
const B = "cd".repeat(16);

/** A reader, what it keeps as it is, and what it leaves out. */
const READERS: readonly (readonly [string, (raw: RawSearch) => object, RawSearch, RawSearch])[] = [
  ["agents", readAgentsSearch, { query: "cost>1", sort: "p95", show: "graph" }, { query: "", sort: "seen", show: "map" }],
  ["agents, filtered", readAgentsSearch, { state: ["declared", "both"], type: "planner", owner: "ann" }, { state: "known", type: "" }],
  ["an agent", readAgentSearch, { diff: "1..2", memory: "history", against: "x" }, { diff: "1-2", memory: "all" }],
  ["executions", readExecutionsSearch, { status: ["running", "failed"], agent: "planner", query: "x" }, { status: "ok", agent: "" }],
  ["an execution", readTravelSearch, { at: "3", against: "1", show: "memory" }, { at: "last", show: "state" }],
  ["two executions", readCompareRuns, { a: "x", b: "y" }, { a: "", b: null }],
  ["two traces", readCompareSearch, { a: A, b: B, step: 3 }, { a: "abc", b: 7, step: -1 }],
  ["live", readLiveSearch, { query: "is:error", kind: "span" }, { query: {}, kind: "points" }],
  ["events", readEventsSearch, { query: "x", facets: "off", show: "patterns" }, { facets: "on", show: "events" }],
  ["metrics", readMetricsSearch, { metric: "m", agg: "p95", by: "attr.model", query: "x" }, { metric: "", agg: "p96" }],
  ["sessions", readSessionsSearch, { query: "user:ada" }, { query: [] }],
  ["SQL", readSqlSearch, { sql: "SELECT 1", chart: "bar", saved: "0f" }, { sql: "", chart: "table", saved: "../x" }],
];

describe.each(READERS)("the address of %s", (_, read, kept, dropped) => {
  it("keeps what is valid, and reading twice changes nothing", () => {
    expect(read(kept)).toEqual(kept);
    expect(read({ ...read(kept) })).toEqual(kept);
  });

  it("leaves out what is not, and what is as usual", () => {
    expect(read(dropped)).toEqual({});
    expect(read({ unknown: 1 })).toEqual({});
  });
});

describe("what stands in an address", () => {
  it("finds a trace in a pasted address", () => {
    expect(readTrace(` http://localhost:7700/traces/${A.toUpperCase()}?view=tree `)).toBe(A);
    expect(readTrace(`?a=${B}`)).toBe(B);
    expect(readTrace(`${A}0`)).toBeUndefined();
  });

  it("sorts agents by a figure, the largest first", () => {
    const figures = { p95_ns: null, model_calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0, errors: 0 };
    const agents = [
      { ...figures, name: "often", runs: 90, failed_runs: 9 },
      { ...figures, name: "seldom", runs: 2, failed_runs: 1 },
      { ...figures, name: "never", runs: 0, failed_runs: 0 },
    ];
    expect(sortAgents(agents, "failed").map((one) => one.name)).toEqual(["seldom", "often", "never"]);
    expect(sortAgents(agents, "seen")).toBe(agents);
  });

  it("offers what makes sense for a metric", () => {
    expect(aggregationsOf("exponential_histogram")[0]).toBe("p95");
    expect(aggregationsOf("sum")[0]).toBe("increase");
    expect(aggregationsOf("gauge")).not.toContain("rate");
    expect([addsUp("rate"), addsUp("avg")]).toEqual([true, false]);
  });
});
