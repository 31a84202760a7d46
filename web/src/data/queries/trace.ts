import { queryOptions, useQuery } from "@tanstack/react-query";
import { get } from "../client";
import { traceOf } from "../first-page";
import { storedSoon } from "../stored-soon";

export function traceQuery(project: string, traceId: string, limit: number) {
  return queryOptions({
    ...storedSoon,
    queryKey: ["trace", project, traceId, limit],
    queryFn: ({ signal }) => get("/api/v1/traces/{trace_id}", { ...traceOf(project, traceId, limit), signal }),
    structuralSharing: false, // spans are drawn sooner than compared
    placeholderData: (before) => (before?.trace.trace_id === traceId ? before : undefined), // another trace is no stand-in for this one
  });
}

/** One trace: what it comes to, and the first `limit` spans in tree order. */
export function useTrace(project: string, traceId: string, limit: number) {
  return useQuery(traceQuery(project, traceId, limit));
}
