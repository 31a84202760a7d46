import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Price = Schemas["Price"];
export type UnknownModel = Schemas["UnknownModel"];

const PAGE = 50;

/** The price table, page by page; `model` is a part of a name. */
export function usePrices(model: string) {
  return useInfiniteQuery({
    queryKey: ["prices", model],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/prices", { query: { model, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Models that were called and have no price. */
export function useUnpriced(scope: Scope) {
  return useQuery({
    queryKey: ["prices", "unknown", scope],
    queryFn: ({ signal }) => get("/api/v1/prices/unknown", { query: { ...scope, limit: 200 }, signal }),
  });
}

/** Price the calls of the time range again by today's table; all figures are asked for again then. */
export function useReprice(scope: Scope) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => post("/api/v1/prices/reprice", { query: scope }),
    onSuccess: () => queries.invalidateQueries(),
  });
}
