/** Who calls whom over many traces. In: agents and calls between them, as the API has them. Out: a graph as that of one trace. */
import type { AgentGraph, GraphNode } from "./agent-graph";

interface Agent {
  readonly agent: string;
  readonly runs: number;
  readonly failed_runs: number;
  readonly p50_ns: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
}

interface Call {
  readonly caller: string;
  readonly callee: string;
  readonly calls: number;
  readonly errors: number;
  readonly p50_ns: number | null;
}

const MOST_NODES = 120;

/** Agents that calls lead to or from; those with most calls stay where there are too many. An agent of which only calls are known is a node, too. */
export function callGraph(agents: readonly Agent[], calls: readonly Call[]): AgentGraph {
  const weight = new Map<string, number>();
  for (const call of calls) for (const name of [call.caller, call.callee]) weight.set(name, (weight.get(name) ?? 0) + call.calls);
  const names = [...weight].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const shown = new Set(names.slice(0, MOST_NODES));
  return {
    nodes: [...shown].map((name) =>
      node(
        name,
        agents.find((one) => one.agent === name),
      ),
    ),
    edges: calls
      .filter((call) => shown.has(call.caller) && shown.has(call.callee))
      .map(({ caller, callee, calls: times, errors, p50_ns }) => ({
        id: `${caller}\n${callee}`,
        from: caller,
        to: callee,
        calls: times,
        errors,
        p50: p50_ns ?? 0,
      })),
    left: names.length - shown.size,
  };
}

function node(name: string, agent: Agent | undefined): GraphNode {
  return {
    id: name,
    kind: "agent",
    label: name,
    calls: agent?.runs ?? 0,
    errors: agent?.failed_runs ?? 0,
    p50: agent?.p50_ns ?? 0,
    tokens: agent ? agent.input_tokens + agent.output_tokens : 0,
    cost: agent?.cost_usd ?? 0,
    rows: [],
  };
}
