import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import { type TraceSort, tracesOf } from "../first-page";
import type { Scope } from "../scope";

export type Trace = Schemas["Trace"];

export function tracesQuery(scope: Scope, query: string, sort: TraceSort) {
  return infiniteQueryOptions({
    queryKey: ["traces", scope, query, sort.sort ?? "start", sort.order ?? ""],
    queryFn: ({ signal, pageParam }) => {
      const first = tracesOf(scope, query, sort);
      return get("/api/v1/traces", { query: { ...first.query, ...(pageParam ? { cursor: pageParam } : {}) }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Traces with a span that matches, page by page. */
export function useTraces(scope: Scope, query: string, sort: TraceSort) {
  return useInfiniteQuery(tracesQuery(scope, query, sort));
}
