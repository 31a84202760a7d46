/** How an agent is doing, in a colour and in words; from its figures in the time range. */
import { count, percent } from "./format";

export interface AgentFigures {
  readonly runs: number;
  readonly failed_runs: number;
  readonly running: number;
  readonly model_calls: number;
  readonly model_errors: number;
  readonly tool_calls: number;
  readonly tool_errors: number;
}

export interface AgentHealth {
  readonly state: "ok" | "warning" | "error" | "unset";
  readonly words: string;
}

const MANY = 0.2;
const SOME = 0.05;
const ENOUGH = 5; // fewer calls say nothing about a share

/** What is worst is told. */
export function agentHealth(agent: AgentFigures): AgentHealth {
  const runs = share(agent.failed_runs, agent.runs);
  const models = share(agent.model_errors, agent.model_calls);
  const tools = share(agent.tool_errors, agent.tool_calls);
  if (runs >= MANY) return { state: "error", words: `${count(agent.failed_runs)} of ${count(agent.runs)} runs failed` };
  if (models >= MANY && agent.model_calls >= ENOUGH) return { state: "error", words: `${percent(models)} of model calls fail` };
  if (runs >= SOME) return { state: "warning", words: `${percent(runs)} of runs failed` };
  if (tools >= MANY && agent.tool_calls >= ENOUGH) return { state: "warning", words: `${percent(tools)} of tool calls fail` };
  if (models >= SOME && agent.model_calls >= ENOUGH) return { state: "warning", words: `${percent(models)} of model calls fail` };
  if (agent.runs === 0) return { state: "unset", words: "no runs of its own" };
  return { state: "ok", words: agent.running ? `healthy, ${count(agent.running)} running` : "healthy" };
}

/** The share of runs that did not fail, among those that ended; null: none has. */
export function success(agent: AgentFigures): number | null {
  const ended = agent.runs - agent.running;
  return ended > 0 ? (ended - Math.min(ended, agent.failed_runs)) / ended : null;
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
