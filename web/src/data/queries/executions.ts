import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type ExecutionStatus, GOING, isGoing } from "@/model/execution";
import { whileKnown } from "../again";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";
import { storedSoon } from "../stored-soon";

export type Execution = Schemas["Execution"];
export type ExecutionDetail = Schemas["ExecutionDetail"];
export type ExecutionStep = Schemas["StepList"]["items"][number];

const PAGE = 100;
const MOST_STEPS = 1000;
const MOST_GOING = 200;
const FOLLOWING_MS = 4000;
const LIVE_PAGES = 2; // who looks further down does not wait for those above again and again

export interface Wanted {
  readonly query: string;
  readonly status: readonly ExecutionStatus[];
  readonly agent: string;
}

/** Executions, latest start first, page by page; while one of the first pages goes on they are asked for again. */
export function useExecutionList(scope: Scope, { query, status, agent }: Wanted) {
  return useInfiniteQuery({
    queryKey: ["execution-list", scope, query, status, agent],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/executions", {
        query: {
          ...scope,
          query,
          status: [...status],
          agent: agent ? [agent] : [],
          limit: PAGE,
          ...(pageParam ? { cursor: pageParam } : {}),
        },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      const live = pages.length <= LIVE_PAGES && pages.some((page) => page.items.some((one) => isGoing(one.status)));
      return live ? FOLLOWING_MS : false;
    },
  });
}

/** How many of all of them stand how, whatever page they are on; asked again while some go on, and not before `enabled`. */
export function useExecutionCounts(scope: Scope, { query, agent }: Omit<Wanted, "status">, enabled: boolean) {
  return useQuery({
    queryKey: ["execution-counts", scope, query, agent],
    queryFn: ({ signal }) => get("/api/v1/executions/counts", { query: { ...scope, query, agent: agent ? [agent] : [] }, signal }),
    enabled,
    refetchInterval: ({ state }) => (state.data?.items.some((one) => isGoing(one.status)) ? FOLLOWING_MS : false),
  });
}

/** Executions that go on now, in one request that is made again every few seconds. */
export function useGoing(project: string) {
  return useQuery({
    queryKey: ["executions-going", project],
    queryFn: ({ signal }) =>
      get("/api/v1/executions", { query: { project, from: "-24h", to: "now", status: [...GOING], limit: MOST_GOING }, signal }),
    refetchInterval: whileKnown(FOLLOWING_MS),
  });
}

/** One execution with those around it; asked for again while it goes on. */
export function useExecution(project: string, id: string) {
  return useQuery({
    ...storedSoon,
    queryKey: ["execution", project, id],
    queryFn: ({ signal }) => get("/api/v1/executions/{execution_id}", { path: { execution_id: id }, query: { project }, signal }),
    placeholderData: () => undefined,
    refetchInterval: ({ state }) => (state.data && isGoing(state.data.status) ? FOLLOWING_MS : false),
  });
}

/** Its first thousand steps. `following`: it goes on. */
export function useExecutionSteps(project: string, id: string, following: boolean) {
  return useQuery({
    queryKey: ["execution-steps", project, id],
    queryFn: ({ signal }) =>
      get("/api/v1/executions/{execution_id}/steps", { path: { execution_id: id }, query: { project, limit: MOST_STEPS }, signal }),
    placeholderData: () => undefined,
    refetchInterval: following ? whileKnown(FOLLOWING_MS) : false,
  });
}

/** The processes that it caused on a machine that a runner watched; only a span can have caused some. */
export function useExecutionProcesses(project: string, id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["execution-processes", project, id],
    queryFn: ({ signal }) => get("/api/v1/executions/{execution_id}/processes", { path: { execution_id: id }, query: { project }, signal }),
    placeholderData: () => undefined,
    enabled,
  });
}

/** Two executions side by side. */
export function useComparedExecutions(project: string, a: string, b: string) {
  return useQuery({
    queryKey: ["executions-compared", project, a, b],
    queryFn: ({ signal }) => get("/api/v1/executions/compare", { query: { project, a, b }, signal }),
    placeholderData: () => undefined,
  });
}
