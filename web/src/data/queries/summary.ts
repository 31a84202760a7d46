import { useQuery } from "@tanstack/react-query";
import { get } from "../client";
import type { Scope } from "../scope";

/** What happened among the spans that match, each thing counted once. */
export function useSummary(scope: Scope, query: string, enabled = true) {
  return useQuery({
    enabled,
    queryKey: ["summary", scope, query],
    queryFn: ({ signal }) => get("/api/v1/summary", { query: { ...scope, query, names: 0 }, signal }),
  });
}
