import { describe, expect, it } from "vitest";
import { type EvidenceAnswer, readEvidence, SORTS } from "./evidence";
import { answer, BEGIN, link, process } from "./evidence-example";
import { causedBySpan, type EvidenceFilter, evidenceRows, evidenceTree, keptActions, keptCalls } from "./evidence-rows";
import { type Outline, TraceRows } from "./trace-rows";

const SPANS = [
  ["root", "agent", 0],
  ["chat", "llm", 0.9],
  ["tool", "tool", 1.9],
  ["claim", "tool", 8],
] as const;

function trace(): TraceRows {
  const names = ["agent", "llm", "tool"];
  const zero = SPANS.map(() => 0);
  const outline: Outline = {
    total: SPANS.length,
    begin: BEGIN,
    names,
    flag_names: [],
    span_id: SPANS.map(([id]) => id),
    depth: SPANS.map((_, row) => (row ? 1 : 0)),
    descendants: SPANS.map((_, row) => (row ? 0 : 3)),
    start_ns: SPANS.map(([, , at]) => at * 1e9),
    duration_ns: SPANS.map(() => 2e9),
    self_ns: zero,
    input_tokens: zero,
    output_tokens: zero,
    cost_usd: zero,
    flags: zero,
    name: zero,
    kind: SPANS.map(([, kind]) => names.indexOf(kind)),
    service: zero,
    agent: zero,
    model: zero,
    tool: zero,
  };
  return new TraceRows(outline);
}

const ALL: EvidenceFilter = { sorts: new Set(SORTS), unexplained: false };
const OPEN = new Set<string>();

function lines(
  filter: Partial<EvidenceFilter> = {},
  folded: ReadonlySet<string> = OPEN,
  more: Partial<EvidenceAnswer> = {},
): readonly string[] {
  const tree = evidenceTree(readEvidence(answer(more), BEGIN), trace());
  return evidenceRows(tree, { ...ALL, ...filter }, folded).map((row) => `${"  ".repeat(row.level)}${row.node.id}`);
}

describe("the waterfall of evidence", () => {
  it("stands processes and calls below the spans that caused them, the rest below their parents, in order of time", () => {
    expect(lines()).toEqual(["p:h/1", "  c:c2", "  p:h/3", "s:chat", "  c:c1", "s:tool", "  p:h/2", "s:claim"]);
  });

  it("keeps children of a process that the same span caused below it, others below their own span", () => {
    const processes = [
      process("h/1", null, 0, { link: link("tool") }),
      process("h/2", "h/1", 1, { link: link("tool") }),
      process("h/3", "h/1", 2, { link: link("claim") }),
    ];
    expect(lines({}, OPEN, { processes, calls: [] })).toEqual(["s:chat", "s:tool", "  p:h/1", "    p:h/2", "s:claim", "  p:h/3"]);
  });

  it("shows only what nothing explains, with what is above it, and claims without evidence", () => {
    expect(lines({ unexplained: true })).toEqual(["p:h/1", "  c:c2", "  p:h/3", "s:claim"]);
    expect(lines({ unexplained: true, sorts: new Set(["host"]) })).toEqual(["p:h/1", "  p:h/3", "s:claim"]);
  });

  it("shows only one process and what is below it", () => {
    const evidence = readEvidence(answer(), BEGIN);
    expect(lines({ process: evidence.byId.get("h/2") })).toEqual(["s:tool", "  p:h/2"]);
    const filter = { ...ALL, process: evidence.byId.get("h/3") };
    expect(keptActions(evidence, filter).map((one) => one.event_id)).toEqual(["e4", "e5"]);
    expect(keptCalls(evidence, filter)).toEqual([]);
  });

  it("shows only processes that did something of the sort", () => {
    expect(lines({ sorts: new Set(["file"]) })).toEqual(["p:h/1", "s:tool", "  p:h/2"]);
    expect(lines({ sorts: new Set(["call"]) })).toEqual(["p:h/1", "  c:c2", "s:chat", "  c:c1"]);
  });

  it("folds, and counts what is below", () => {
    const tree = evidenceTree(readEvidence(answer(), BEGIN), trace());
    const [first, second] = evidenceRows(tree, ALL, new Set(["p:h/1"]));
    expect([first?.folded, first?.below, second?.node.id]).toEqual([true, 2, "s:chat"]);
  });

  it("shows processes that are each other's parents once", () => {
    const processes = [process("h/1", "h/2", 0), process("h/2", "h/1", 1)];
    expect(lines({}, OPEN, { processes, calls: [] }).filter((line) => line.includes("p:"))).toEqual(["p:h/1", "  p:h/2"]);
  });

  it("counts what a span caused", () => {
    expect(causedBySpan(readEvidence(answer(), BEGIN)).get("tool")).toEqual({ processes: 1, files: 1, hosts: 0 });
  });
});
