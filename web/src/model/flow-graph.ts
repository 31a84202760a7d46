/** Workflows as graphs that can be placed and drawn. In: a workflow, or one run of it, as the API has it. Out: a graph as that of one trace. */
import type { AgentGraph, GraphNode } from "./agent-graph";

export type StepState = "pending" | "running" | "succeeded" | "failed" | "skipped";

interface Step {
  readonly id: string;
  readonly kind: string;
  readonly count: number;
  readonly errors: number;
  readonly p50_ns: number | null;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly runs: number;
}

interface RunStep {
  readonly key: string;
  readonly id: string;
  readonly kind: string;
  readonly state: StepState;
  readonly duration_ns: number | null;
}

const MOST_NODES = 120;

/** All runs as one graph; steps that ran most stay where there are too many. */
export function workflowGraph(steps: readonly Step[], edges: readonly Edge[]): AgentGraph {
  const kept = new Set([...steps].sort((a, b) => b.count - a.count).slice(0, MOST_NODES));
  const shown = steps
    .filter((step) => kept.has(step))
    .map((step) => node(step.id, step.kind, step.id, step.count, step.errors, step.p50_ns));
  return { nodes: shown, edges: drawn(edges, shown), left: steps.length - shown.length };
}

/** One run: each step once for each time that it ran. */
export function runGraph(steps: readonly RunStep[], edges: readonly Pick<Edge, "from" | "to">[]): AgentGraph {
  const shown = steps
    .slice(0, MOST_NODES)
    .map((step) =>
      node(step.key, step.kind, step.id, step.duration_ns === null ? 0 : 1, step.state === "failed" ? 1 : 0, step.duration_ns),
    );
  const once = edges.map((edge) => ({ ...edge, runs: 1 }));
  return { nodes: shown, edges: drawn(once, shown), left: steps.length - shown.length };
}

/** In a colour. */
export function toneOfStep(state: StepState): "ok" | "error" | "pending" | "unset" {
  if (state === "succeeded") return "ok";
  if (state === "failed") return "error";
  return state === "running" ? "pending" : "unset";
}

function drawn(edges: readonly Edge[], nodes: readonly GraphNode[]) {
  const ids = new Set(nodes.map((one) => one.id));
  return edges
    .filter((edge) => ids.has(edge.from) && ids.has(edge.to))
    .map((edge) => ({ id: `${edge.from}\n${edge.to}`, from: edge.from, to: edge.to, calls: edge.runs, errors: 0, p50: 0 }));
}

function node(id: string, kind: string, label: string, calls: number, errors: number, p50: number | null): GraphNode {
  return { id, kind, label, calls, errors, p50: p50 ?? 0, tokens: 0, cost: 0, rows: [] };
}
