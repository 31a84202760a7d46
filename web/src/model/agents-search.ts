/** What the address says of the list of agents. */
import { type RawSearch, readChoice, readChoices, readText } from "./search-state";

export const AGENT_ORDERS = ["seen", "runs", "failed", "p95", "calls", "tokens", "cost", "errors"] as const;
export type AgentOrder = (typeof AGENT_ORDERS)[number];

/** Whether telemetry tells of an agent, a registration, or both. */
export const AGENT_STATES = ["seen", "declared", "both"] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** What only registered agents say, and where they ran. */
export interface AgentFilters {
  readonly state?: readonly AgentState[] | undefined;
  readonly type?: string | undefined;
  readonly owner?: string | undefined;
  readonly environment?: string | undefined;
}

export interface AgentsSearch extends AgentFilters {
  readonly query?: string | undefined;
  readonly sort?: AgentOrder | undefined;
  /** How they are shown; left out: as a list. */
  readonly show?: "graph" | undefined;
}

export function readAgentsSearch(raw: RawSearch): AgentsSearch {
  const query = readText(raw["query"]);
  const sort = readChoice(raw["sort"], AGENT_ORDERS);
  const show = readChoice(raw["show"], ["graph"]);
  return { ...readAgentFilters(raw), ...(query ? { query } : {}), ...(sort && sort !== "seen" ? { sort } : {}), ...(show ? { show } : {}) };
}

function readAgentFilters(raw: RawSearch): AgentFilters {
  const state = readChoices(raw["state"], AGENT_STATES);
  const type = readText(raw["type"], 256);
  const owner = readText(raw["owner"], 256);
  const environment = readText(raw["environment"], 256);
  return { ...(state ? { state } : {}), ...(type ? { type } : {}), ...(owner ? { owner } : {}), ...(environment ? { environment } : {}) };
}

interface Sortable {
  readonly runs: number;
  readonly failed_runs: number;
  readonly p95_ns: number | null;
  readonly model_calls: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly errors: number;
}

const FIGURES: Readonly<Record<Exclude<AgentOrder, "seen">, (agent: Sortable) => number>> = {
  runs: (agent) => agent.runs,
  failed: (agent) => (agent.runs ? agent.failed_runs / agent.runs : 0),
  p95: (agent) => agent.p95_ns ?? 0,
  calls: (agent) => agent.model_calls,
  tokens: (agent) => agent.input_tokens + agent.output_tokens,
  cost: (agent) => agent.cost_usd,
  errors: (agent) => agent.errors,
};

/** The largest first; as they came for `seen`. */
export function sortAgents<A extends Sortable>(agents: readonly A[], order: AgentOrder): readonly A[] {
  if (order === "seen") return agents;
  const figure = FIGURES[order];
  return agents.toSorted((a, b) => figure(b) - figure(a));
}
