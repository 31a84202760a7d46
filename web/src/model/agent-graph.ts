/**
 * Who calls whom: agents, tools and models of a trace as nodes, with calls, failures and the median of their durations.
 * Together: each once. By runs: every run of an agent is a node of its own, with its own tools and models.
 */
import type { TraceRows } from "./trace-rows";

export interface GraphNode {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly calls: number;
  readonly errors: number;
  readonly p50: number;
  readonly tokens: number;
  readonly cost: number;
  /** Its spans, in tree order. */
  readonly rows: readonly number[];
}

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly errors: number;
  readonly p50: number;
}

export interface AgentGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Nodes that are left out, as nobody could read so many. */
  readonly left: number;
}

const MOST_NODES = 250;
const RUNS = new Set(["agent", "create_agent", "workflow"]);

const BY_COLUMN = { agent: "agent", create_agent: "agent", tool: "tool", mcp: "tool", llm: "model", embedding: "model" } as const;
const BY_NAME = new Set(["workflow", "retriever", "reranker", "guardrail", "evaluator", "memory"]);

export function agentGraph(trace: TraceRows, byRuns = false): AgentGraph {
  const nodes = new Map<string, { kind: string; label: string; rows: number[] }>();
  const edges = new Map<string, { from: string; to: string; rows: number[] }>();
  const nearest: string[] = []; // the node that each row belongs to
  const run: number[] = []; // the run of an agent that each row is in
  const left = new Set<string>();
  for (let row = 0; row < trace.length; row++) {
    const above = nearest[trace.parent[row] ?? -1] ?? "";
    const found = trace.is(row, "plumbing") ? null : nodeOf(trace, row);
    const within = run[trace.parent[row] ?? -1] ?? -1;
    run[row] = found && RUNS.has(found.kind) ? row : within;
    const own = found && byRuns ? { ...found, id: `${found.id}\n${run[row]}` } : found;
    if (own && !nodes.has(own.id) && nodes.size >= MOST_NODES) left.add(own.id);
    const shown = own !== null && !left.has(own.id);
    nearest[row] = shown ? own.id : above;
    if (!shown) continue;
    const node = nodes.get(own.id) ?? { ...own, rows: [] };
    node.rows.push(row);
    nodes.set(own.id, node);
    if (!above || above === own.id) continue;
    const key = `${above}\n${own.id}`;
    const edge = edges.get(key) ?? { from: above, to: own.id, rows: [] };
    edge.rows.push(row);
    edges.set(key, edge);
  }
  return {
    nodes: [...nodes].map(([id, { kind, label, rows }]) => ({ id, kind, label, rows, ...figures(trace, rows), ...spent(trace, rows) })),
    edges: [...edges].map(([id, { from, to, rows }]) => ({ id, from, to, ...figures(trace, rows) })),
    left: left.size,
  };
}

function nodeOf(trace: TraceRows, row: number): { id: string; kind: string; label: string } | null {
  const kind = trace.text(row, "kind");
  const column = BY_COLUMN[kind as keyof typeof BY_COLUMN];
  if (!column && !BY_NAME.has(kind)) return null;
  const label = (column ? trace.text(row, column) : "") || trace.text(row, "name");
  return { id: `${kind}:${label}`, kind, label };
}

function figures(trace: TraceRows, rows: readonly number[]): { calls: number; errors: number; p50: number } {
  const took = rows.map((row) => trace.outline.duration_ns[row] ?? 0).sort((one, other) => one - other);
  return { calls: rows.length, errors: rows.filter((row) => trace.is(row, "error")).length, p50: took[(took.length - 1) >> 1] ?? 0 };
}

/** Of the spans themselves, not of what is below them: each token then stands at one node. */
function spent(trace: TraceRows, rows: readonly number[]): { tokens: number; cost: number } {
  const { input_tokens, output_tokens, cost_usd } = trace.outline;
  return {
    tokens: rows.reduce((sum, row) => sum + (input_tokens[row] ?? 0) + (output_tokens[row] ?? 0), 0),
    cost: rows.reduce((sum, row) => sum + (cost_usd[row] ?? 0), 0),
  };
}
