import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { addressOf, get, type Schemas, tell } from "../client";
import type { Scope } from "../scope";

export type AgentDetail = Schemas["AgentDetail"];
export type Version = Schemas["Version"];
export type VersionDiff = Schemas["VersionDiff"];
export type Configuration = Schemas["Configuration"];
export type Deployment = Schemas["Deployment"];
export type DeploymentStep = Schemas["DeploymentList"]["items"][number];
export type MemoryKey = Schemas["MemoryKey"];
export type MemoryOperation = Schemas["MemoryHistory"]["items"][number];

const MOST = 200;
const PAGE = 50;

/** All of an agent, by name or id. */
export function useAgent(scope: Scope, agent: string) {
  return useQuery({
    queryKey: ["agent", scope, agent],
    queryFn: ({ signal }) => get("/api/v1/agents/{agent}", { path: { agent }, query: scope, signal }),
  });
}

/** Its versions, the newest found first. */
export function useVersions(project: string, agent: string) {
  return useQuery({
    queryKey: ["versions", project, agent],
    queryFn: ({ signal }) => get("/api/v1/agents/{agent}/versions", { path: { agent }, query: { project, limit: MOST }, signal }),
    placeholderData: () => undefined,
  });
}

/** What differs between two versions, by their numbers. */
export function useVersionDiff(project: string, agent: string, from: number, to: number) {
  return useQuery({
    queryKey: ["version-diff", project, agent, from, to],
    queryFn: ({ signal }) =>
      get("/api/v1/agents/{agent}/versions/diff", { path: { agent }, query: { project, from: String(from), to: String(to) }, signal }),
    placeholderData: () => undefined,
  });
}

/** Its configurations, the latest first. */
export function useConfigurations(project: string, agent: string) {
  return useQuery({
    queryKey: ["configurations", project, agent],
    queryFn: ({ signal }) => get("/api/v1/agents/{agent}/configurations", { path: { agent }, query: { project, limit: MOST }, signal }),
    placeholderData: () => undefined,
  });
}

/** What is deployed where, and the latest steps that led there. */
export function useDeployments(project: string, agent: string) {
  return useInfiniteQuery({
    queryKey: ["deployments", project, agent],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/agents/{agent}/deployments", {
        path: { agent },
        query: { project, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: () => undefined,
  });
}

export type Wish =
  | { readonly do: "configure"; readonly body: unknown; readonly comment: string; readonly author: string; readonly after: number }
  | { readonly do: "delete"; readonly number: number }
  | (Reason & { readonly do: "deploy"; readonly version: number; readonly revision?: number })
  | (Reason & { readonly do: "rollback"; readonly to?: number; readonly revision: number })
  | (Reason & { readonly do: "pin" | "unpin"; readonly revision: number });

interface Reason {
  readonly environment: string;
  readonly why: string;
  readonly who: string;
}

/** Keep a configuration, delete one, deploy one, go back, hold and let go; what is told of the agent is asked for again, also where it was refused. */
export function useChangeConfiguration(project: string, agent: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => {
      const { do: action, ...body } = wish;
      if (action === "configure") return tell("POST", addressOf("/api/v1/agents/{agent}/configurations", { agent }, { project }), body);
      if (wish.do === "delete")
        return tell("DELETE", addressOf("/api/v1/agents/{agent}/configurations/{number}", { agent, number: wish.number }, { project }));
      if (action === "deploy") return tell("POST", addressOf("/api/v1/agents/{agent}/deployments", { agent }, { project }), body);
      const { environment, ...more } = body as Reason;
      const path = "/api/v1/agents/{agent}/deployments/{environment}/{action}";
      return tell("POST", addressOf(path, { agent, environment, action }, { project }), more);
    },
    onSettled: () =>
      Promise.all([
        ...["configurations", "deployments"].map((name) => client.invalidateQueries({ queryKey: [name, project, agent] })),
        client.invalidateQueries({ queryKey: ["agent"] }),
      ]),
  });
}

/** What its memory held at the end of the time that is looked at. */
export function useAgentMemory(scope: Scope, agent: string) {
  return useQuery({
    queryKey: ["agent-memory", scope, agent],
    queryFn: ({ signal }) =>
      get("/api/v1/agents/{agent}/memory", { path: { agent }, query: { project: scope.project, at: scope.to, limit: MOST }, signal }),
    placeholderData: () => undefined,
  });
}

/** What was read, written and deleted in the time, latest first. */
export function useMemoryHistory(scope: Scope, agent: string, wanted: boolean) {
  return useInfiniteQuery({
    queryKey: ["memory-history", scope, agent],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/agents/{agent}/memory/history", {
        path: { agent },
        query: { ...scope, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: () => undefined,
    enabled: wanted,
  });
}
