import { useQuery } from "@tanstack/react-query";
import { get } from "../client";
import type { Scope } from "../scope";

/** Of the usual fields their most frequent values among the spans that match. */
export function useFacets(scope: Scope, query: string, limit = 20) {
  return useQuery({
    queryKey: ["facets", scope, query, limit],
    queryFn: ({ signal }) => get("/api/v1/facets", { query: { ...scope, query, limit }, signal }),
  });
}
