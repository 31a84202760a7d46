import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, type Schemas } from "../client";

export type AgentHealth = Schemas["AgentHealth"];
export type SystemStanding = Schemas["SystemHealth"];
export type HealthAction = Schemas["Action"]["action"];

const MOST = 1000;

/** Every agent with its score, worst first; the last hour against what is usual. */
export function useAgentsHealth(project: string) {
  return useQuery({
    queryKey: ["standing", project, "agents"],
    queryFn: ({ signal }) => get("/api/v1/health/agents", { query: { project, limit: MOST }, signal }),
  });
}

/** One agent's score; undefined while it is not known. */
export function useAgentHealth(project: string, agent: string) {
  return useQuery({
    queryKey: ["standing", project, "agent", agent],
    queryFn: ({ signal }) => get("/api/v1/health/agents", { query: { project, agent, limit: MOST }, signal }),
    select: (found) => found.items.find((one) => one.agent === agent),
    placeholderData: () => undefined,
  });
}

/** How everything stands. */
export function useSystemStanding(project: string) {
  return useQuery({
    queryKey: ["standing", project, "system"],
    queryFn: ({ signal }) => get("/api/v1/observability/health", { query: { project }, signal }),
  });
}

export interface Act {
  readonly action: HealthAction;
  /** Left out: all agents. */
  readonly agent?: string;
  readonly note?: string;
}

/** Judge anew, begin a new baseline, say that a state is known, or take that back; all scores are asked for again. */
export function useActOnHealth(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, agent = "", note = "" }: Act) =>
      post("/api/v1/observability/health", { query: { project }, body: { action, agent, note, since: "now", until: "" } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["standing", project] }),
  });
}
