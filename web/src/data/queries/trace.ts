import { useQuery } from "@tanstack/react-query";
import { get } from "../client";

/** One trace: what it comes to, and the first `limit` spans in tree order. */
export function useTrace(project: string, traceId: string, limit = 1000) {
  return useQuery({
    queryKey: ["trace", project, traceId, limit],
    queryFn: ({ signal }) => get("/api/v1/traces/{trace_id}", { path: { trace_id: traceId }, query: { project, limit }, signal }),
    placeholderData: () => undefined, // another trace is no stand-in for this one
  });
}
