import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Trace = Schemas["Trace"];
export type TraceOrder = "start" | "duration" | "cost" | "tokens" | "errors" | "spans";

const PAGE = 50; // more than a screen holds: the first ones shall not wait for others

export function tracesQuery(scope: Scope, query: string, sort: TraceOrder) {
  return infiniteQueryOptions({
    queryKey: ["traces", scope, query, sort],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/traces", { query: { ...scope, query, sort, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Traces with a span that matches, page by page. */
export function useTraces(scope: Scope, query: string, sort: TraceOrder) {
  return useInfiniteQuery(tracesQuery(scope, query, sort));
}
