import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Workflow = Schemas["WorkflowItem"];
export type WorkflowGraph = Schemas["WorkflowGraph"];
export type WorkflowStep = Schemas["StepFigures"];
export type WorkflowRunItem = Schemas["RunItem"];
export type WorkflowRun = Schemas["WorkflowRun"];
export type RunStep = Schemas["RunStep"];

const MOST = 1000;
const PAGE = 30;

/** Workflows that ran or were declared, last seen first. */
export function useWorkflows(scope: Scope) {
  return useQuery({
    queryKey: ["workflows", scope],
    queryFn: ({ signal }) => get("/api/v1/workflows", { query: { ...scope, limit: MOST }, signal }),
  });
}

/** The latest runs of a workflow as one graph, beside what was declared. */
export function useWorkflow(scope: Scope, name: string) {
  return useQuery({
    queryKey: ["workflow", scope, name],
    queryFn: ({ signal }) => get("/api/v1/workflows/{name}", { path: { name }, query: scope, signal }),
  });
}

/** Its runs, latest first, page by page. */
export function useWorkflowRuns(scope: Scope, name: string) {
  return useInfiniteQuery({
    queryKey: ["workflow-runs", scope, name],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/workflows/{name}/runs", {
        path: { name },
        query: { ...scope, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** One run with the states of its steps; asked again while it goes on. */
export function useWorkflowRun(project: string, traceId: string, spanId: string) {
  return useQuery({
    queryKey: ["workflow-run", project, traceId, spanId],
    queryFn: ({ signal }) =>
      get("/api/v1/workflows/runs/{trace_id}/{span_id}", { path: { trace_id: traceId, span_id: spanId }, query: { project }, signal }),
    placeholderData: () => undefined,
    refetchInterval: ({ state }) => (state.data?.state === "running" ? 3000 : false),
  });
}
