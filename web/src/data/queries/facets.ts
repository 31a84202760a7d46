import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import type { FacetValue } from "@/model/facets";
import { chosenFields, withoutField } from "@/model/search-edit";
import { get } from "../client";
import type { Scope } from "../scope";

function facetsQuery(scope: Scope, query: string, limit: number) {
  return queryOptions({
    queryKey: ["facets", scope, query, limit],
    queryFn: ({ signal }) => get("/api/v1/facets", { query: { ...scope, query, limit }, signal }),
  });
}

/** Of the usual fields their most frequent values among the spans that match. */
export function useFacets(scope: Scope, query: string, limit = 20, enabled = true) {
  return useQuery({ ...facetsQuery(scope, query, limit), enabled });
}

/** Values to choose from, by field: of a field that is chosen already also what its other values would bring. */
export function useFacetChoices(scope: Scope, query: string, fields: readonly string[], enabled = true) {
  const all = useFacets(scope, query, 20, enabled);
  const own = chosenFields(query).filter((field) => fields.includes(field));
  const others = useQueries({ queries: own.map((field) => ({ ...facetsQuery(scope, withoutField(query, field), 20), enabled })) });
  const told: Record<string, readonly FacetValue[]> = {};
  for (const facet of all.data?.items ?? []) told[facet.field] = facet.values;
  for (const [at, field] of own.entries()) {
    const found = others[at]?.data;
    if (found) told[field] = found.items.find((facet) => facet.field === field)?.values ?? [];
  }
  return { told, pending: all.data === undefined, error: all.error, stale: all.isPlaceholderData, retry: () => void all.refetch() };
}
