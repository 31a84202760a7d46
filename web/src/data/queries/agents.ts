import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { AgentFilters } from "@/model/agents-search";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Agent = Schemas["RegisteredAgent"];
export type Edge = Schemas["Edge"];
export type AgentDefinition = Schemas["Definition"];
export type Execution = Schemas["Execution"];

const MOST_AGENTS = 1000;
const PAGE = 30;
const NO_FILTERS: AgentFilters = {};

/** Agents that were active or are registered, last seen first; at most a thousand of them. */
export function useAgents(scope: Scope, query = "", filters: AgentFilters = NO_FILTERS) {
  return useQuery({
    queryKey: ["agents", scope, query, filters],
    queryFn: ({ signal }) => {
      const { state = [], type = "", owner = "", environment = "" } = filters;
      return get("/api/v1/agents", { query: { ...scope, query, state: [...state], type, owner, environment, limit: MOST_AGENTS }, signal });
    },
  });
}

/** Which agent called which; of one agent, or of all. */
export function useEdges(scope: Scope, agent: string) {
  return useQuery({
    queryKey: ["edges", scope, agent],
    queryFn: ({ signal }) => get("/api/v1/agent-edges", { query: { ...scope, agent }, signal }),
  });
}

/** Runs of agents that match, latest first, page by page. */
export function useExecutions(scope: Scope, query: string) {
  return useInfiniteQuery({
    queryKey: ["executions", scope, query],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/executions", { query: { ...scope, query, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** What an agent is told to be: prompts and tools by version, last seen first. */
export function useDefinitions(scope: Scope, agent: string) {
  return useQuery({
    queryKey: ["definitions", scope, agent],
    queryFn: ({ signal }) => get("/api/v1/agents/{agent}/definitions", { path: { agent }, query: scope, signal }),
  });
}
