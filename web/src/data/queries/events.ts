import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import type { FacetValue } from "@/model/facets";
import { withoutField } from "@/model/search-edit";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type EventRecord = Schemas["Event"];

const PAGE = 100;
const WHOLE_S = 31_536_000; // a bucket that holds any range

/** Log records and events that match, latest first, page by page. */
export function useEvents(scope: Scope, query: string) {
  return useInfiniteQuery({
    queryKey: ["events", scope, query],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/events", { query: { ...scope, query, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

export type EventPattern = Schemas["Pattern"];

/** What events say again and again, most frequent first. */
export function useEventPatterns(scope: Scope, query: string) {
  return useQuery({
    queryKey: ["event-patterns", scope, query],
    queryFn: ({ signal }) => get("/api/v1/events/patterns", { query: { ...scope, query, limit: PAGE }, signal }),
  });
}

/** Values of fields among the events that match, with their counts; of a chosen field also what its other values would bring. */
export function useEventChoices(scope: Scope, query: string, fields: readonly string[]) {
  const found = useQueries({
    queries: fields.map((field) => {
      const asked = withoutField(query, field);
      return {
        queryKey: ["event-choices", scope, asked, field],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          get("/api/v1/series/events", { query: { ...scope, query: asked, bucket_s: WHOLE_S, group_by: [field] }, signal }),
      };
    }),
  });
  const told = Object.fromEntries(fields.map((field, at) => [field, valuesOf(found[at]?.data?.items ?? [], field)]));
  return {
    told,
    pending: found.every((one) => one.data === undefined),
    stale: found.some((one) => one.isPlaceholderData),
    error: found.find((one) => one.error)?.error ?? null,
    retry: () => found.forEach((one) => void one.refetch()),
  };
}

function valuesOf(points: readonly Schemas["EventPoint"][], field: string): readonly FacetValue[] {
  const sums = new Map<string, FacetValue>();
  for (const point of points) {
    const value = String(point.group[field] ?? "");
    const before = sums.get(value) ?? { value, count: 0, errors: 0 };
    if (value) sums.set(value, { value, count: before.count + point.count, errors: before.errors + point.errors });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count).slice(0, 30);
}
