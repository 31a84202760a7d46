/** A graph of calls as lines: who calls whom, each caller before what it calls. In: the graph. Out: lines from top to bottom, each set in below its caller. */
import type { AgentGraph, GraphEdge, GraphNode } from "./agent-graph";
import { duration, percent } from "./format";

export interface GraphLine {
  readonly key: string;
  readonly node: GraphNode;
  /** The calls that led here; null: nothing in the graph calls it. */
  readonly edge: GraphEdge | null;
  readonly level: number;
  /** It stands above already, with all that it calls. */
  readonly again: boolean;
}

/** Each edge is one line, and so is each node that nothing calls; a ring of callers begins at the first of its nodes. */
export function graphLines(graph: AgentGraph): readonly GraphLine[] {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const calls = new Map<string, GraphEdge[]>(graph.nodes.map(({ id }) => [id, []]));
  for (const edge of graph.edges) calls.get(edge.from)?.push(edge);
  const called = new Set(graph.edges.map((edge) => edge.to));
  const told = new Set<string>();
  const lines: GraphLine[] = [];
  const tell = (node: GraphNode, edge: GraphEdge | null, level: number) => {
    const again = told.has(node.id);
    told.add(node.id);
    lines.push({ key: edge?.id ?? node.id, node, edge, level, again });
    if (again) return;
    for (const next of calls.get(node.id) ?? []) {
      const callee = byId.get(next.to);
      if (callee) tell(callee, next, level + 1);
    }
  };
  for (const node of graph.nodes) if (!called.has(node.id)) tell(node, null, 0);
  for (const node of graph.nodes) if (!told.has(node.id)) tell(node, null, 0);
  return lines;
}

/** `3× · 1.2 s · 33 % failed`: how often, the median of the durations, and failures. */
export function callsText({ calls, p50, errors }: Pick<GraphEdge, "calls" | "p50" | "errors">): string {
  return [`${calls}×`, duration(p50), errors ? `${percent(errors / calls)} failed` : ""].filter(Boolean).join(" · ");
}
