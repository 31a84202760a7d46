/**
 * The waterfall of evidence: spans in the order of time, below each the calls on the wire and the processes that it caused; processes that no span caused stand by themselves.
 * In: evidence, the spans of the trace, filters, what is folded. Out: lines top to bottom. Linear in spans and processes.
 */
import type { Call, Evidence, Process, Sort } from "./evidence";
import { familyOf, SORTS } from "./evidence";
import type { TraceRows } from "./trace-rows";

interface Line {
  /** `s:`, `p:` or `c:`, and its id. */
  readonly id: string;
  readonly at: number;
  readonly children: readonly EvidenceNode[];
}
export interface SpanNode extends Line {
  readonly type: "span";
  readonly row: number;
  readonly spanId: string;
  /** Why it was expected to be seen; empty: it was, or nobody would have. */
  readonly unsupported: string;
}
export interface ProcessNode extends Line {
  readonly type: "process";
  readonly process: Process;
}
export interface CallNode extends Line {
  readonly type: "call";
  readonly call: Call;
}
export type EvidenceNode = SpanNode | ProcessNode | CallNode;

export interface EvidenceFilter {
  /** Only this process and all below it. */
  readonly process?: Process | undefined;
  readonly sorts: ReadonlySet<Sort>;
  readonly unexplained: boolean;
}

export interface EvidenceRow {
  readonly node: EvidenceNode;
  readonly level: number;
  readonly folded: boolean;
  /** Lines below it, with those that are folded. */
  readonly below: number;
}

const TOLD: ReadonlySet<string> = new Set(["llm", "tool", "mcp", "embedding", "reranker"]);

type Growing = EvidenceNode & { readonly children: EvidenceNode[] };

/** What stands at the top, in the order of time. */
export function evidenceTree(evidence: Evidence, trace: TraceRows): readonly EvidenceNode[] {
  const tops: EvidenceNode[] = [];
  const spans = spanNodes(evidence, trace);
  tops.push(...spans.values());
  const nodes = new Map<string, Growing>();
  for (const process of evidence.processes) {
    nodes.set(process.told.id, { type: "process", id: `p:${process.told.id}`, at: process.at, process, children: [] });
  }
  for (const process of evidence.processes) {
    const node = nodes.get(process.told.id);
    if (node) (placeOf(process, evidence, spans, nodes)?.children ?? tops).push(node);
  }
  const callers = new Map(evidence.processes.flatMap((process) => process.calls.map((call) => [call, process.told.id] as const)));
  for (const call of evidence.calls) {
    const above = spans.get(call.link?.span_id ?? "") ?? nodes.get(callers.get(call) ?? "");
    (above?.children ?? tops).push({ type: "call", id: `c:${call.span_id}`, at: call.at, call, children: [] });
  }
  for (const node of [...spans.values(), ...nodes.values()]) node.children.sort(byTime);
  return cutCircles(tops.sort(byTime), nodes);
}

function spanNodes(evidence: Evidence, trace: TraceRows): Map<string, Growing & SpanNode> {
  const missing = new Map(evidence.unsupported.map((claim) => [claim.span_id, claim.reason]));
  const linked = new Set([...evidence.processes.map((one) => one.told), ...evidence.calls].map((one) => one.link?.span_id));
  const found = new Map<string, Growing & SpanNode>();
  trace.outline.span_id.forEach((spanId, row) => {
    if (!TOLD.has(trace.text(row, "kind")) && !linked.has(spanId) && !missing.has(spanId)) return;
    const unsupported = missing.get(spanId) ?? "";
    found.set(spanId, { type: "span", id: `s:${spanId}`, at: trace.outline.start_ns[row] ?? 0, row, spanId, unsupported, children: [] });
  });
  return found;
}

/** Below its span, unless its parent stands there already; what no span caused stands below its parent. */
function placeOf(process: Process, evidence: Evidence, spans: ReadonlyMap<string, Growing>, nodes: ReadonlyMap<string, Growing>) {
  const { link, parent } = process.told;
  const above = evidence.byId.get(parent ?? "");
  const span = link ? spans.get(link.span_id) : undefined;
  return span && above?.told.link?.span_id !== link?.span_id ? span : (nodes.get(parent ?? "") ?? span);
}

/** Parents that are each other's children stand nowhere: the first of them is put at the top. */
function cutCircles(tops: EvidenceNode[], nodes: ReadonlyMap<string, Growing>): readonly EvidenceNode[] {
  const reached = new Set<EvidenceNode>();
  const reach = (top: EvidenceNode) => {
    const work = [top];
    for (let node = work.pop(); node; node = work.pop()) {
      if (reached.has(node)) continue;
      reached.add(node);
      work.push(...node.children);
    }
  };
  for (const top of tops) reach(top);
  for (const node of nodes.values()) {
    if (reached.has(node)) continue;
    for (const other of nodes.values()) {
      const at = other.children.indexOf(node);
      if (at >= 0) other.children.splice(at, 1);
    }
    tops.push(node);
    reach(node);
  }
  return tops;
}

const byTime = (one: EvidenceNode, other: EvidenceNode) => one.at - other.at;

/** Whether a filter leaves anything out. */
export function filters(filter: EvidenceFilter): boolean {
  return filter.process !== undefined || filter.unexplained || filter.sorts.size < SORTS.length;
}

/** Lines that the filter keeps, with all above them, less what is folded. */
export function evidenceRows(tops: readonly EvidenceNode[], filter: EvidenceFilter, folded: ReadonlySet<string>): readonly EvidenceRow[] {
  const kept = filters(filter) ? keeper(filter) : null;
  const sizes = new Map<EvidenceNode, number>(); // lines of each with all below it; 0: left out
  for (const node of postorder(tops)) {
    const below = node.children.reduce((sum, child) => sum + (sizes.get(child) ?? 0), 0);
    sizes.set(node, below > 0 || !kept || kept(node) ? below + 1 : 0);
  }
  const rows: EvidenceRow[] = [];
  const work = tops.map((node) => ({ node, level: 0 })).reverse();
  for (let next = work.pop(); next; next = work.pop()) {
    const { node, level } = next;
    const size = sizes.get(node) ?? 0;
    if (!size) continue;
    const closed = size > 1 && folded.has(node.id);
    rows.push({ node, level, folded: closed, below: size - 1 });
    if (!closed) for (const child of node.children.toReversed()) work.push({ node: child, level: level + 1 });
  }
  return rows;
}

function postorder(tops: readonly EvidenceNode[]): readonly EvidenceNode[] {
  const found: EvidenceNode[] = [];
  const work = [...tops];
  for (let node = work.pop(); node; node = work.pop()) {
    found.push(node);
    work.push(...node.children);
  }
  return found.reverse();
}

function keeper({ process, sorts, unexplained }: EvidenceFilter): (node: EvidenceNode) => boolean {
  const family = process ? familyOf(process) : null;
  const calls = process ? new Set([...callsOf(process)].map((call) => call.span_id)) : null;
  return (node) => {
    if (node.type === "span") return unexplained && !family && node.unsupported !== "";
    if (node.type === "call") return sorts.has("call") && (!calls || calls.has(node.call.span_id)) && (!unexplained || !node.call.link);
    if (family && !family.has(node.process.told.id)) return false;
    if (!unexplained && sorts.has("program")) return true;
    return node.process.actions.some((action) => sorts.has(action.sort) && (!unexplained || action.unexplained));
  };
}

function* callsOf(process: Process): Generator<Call> {
  const seen = new Set<Process>();
  const work = [process];
  for (let next = work.pop(); next; next = work.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    yield* next.calls;
    work.push(...next.children);
  }
}

/** The actions that the filter keeps; calls are none. */
export function keptActions(evidence: Evidence, filter: EvidenceFilter): Evidence["actions"] {
  const family = filter.process ? familyOf(filter.process) : null;
  if (!filters(filter)) return evidence.actions;
  return evidence.actions.filter(
    (action) => filter.sorts.has(action.sort) && (!filter.unexplained || action.unexplained) && (!family || family.has(action.process)),
  );
}

/** The calls on the wire that it keeps. */
export function keptCalls(evidence: Evidence, filter: EvidenceFilter): Evidence["calls"] {
  const own = filter.process ? new Set(callsOf(filter.process)) : null;
  return evidence.calls.filter((call) => (!own || own.has(call)) && (!filter.unexplained || !call.link));
}

/** How many processes, files and hosts a span caused, by its id. */
export function causedBySpan(evidence: Evidence): ReadonlyMap<string, { processes: number; files: number; hosts: number }> {
  const found = new Map<string, { processes: number; files: Set<string>; hosts: Set<string> }>();
  const of = (span: string) => {
    const there = found.get(span) ?? { processes: 0, files: new Set<string>(), hosts: new Set<string>() };
    found.set(span, there);
    return there;
  };
  for (const { told } of evidence.processes) if (told.link) of(told.link.span_id).processes += 1;
  for (const action of evidence.actions) {
    if (!action.link || action.sort === "program") continue;
    of(action.link.span_id)[action.sort === "file" ? "files" : "hosts"].add(action.what);
  }
  return new Map([...found].map(([span, one]) => [span, { processes: one.processes, files: one.files.size, hosts: one.hosts.size }]));
}
