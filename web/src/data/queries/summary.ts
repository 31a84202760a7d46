import { useQuery } from "@tanstack/react-query";
import { get } from "../client";
import type { Scope } from "../scope";

/** What happened among the spans that match, each thing counted once. */
export function useSummary(scope: Scope, query: string) {
  return useQuery({
    queryKey: ["summary", scope, query],
    queryFn: ({ signal }) => get("/api/v1/summary", { query: { ...scope, query }, signal }),
  });
}
