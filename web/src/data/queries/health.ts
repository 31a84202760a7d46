import { queryOptions, useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";

export type Health = Schemas["Health"];

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }): Promise<Health> => get("/health", { signal, alsoGood: 503 }), // with the reasons why data does not flow
  refetchInterval: 15_000,
  staleTime: 5000,
});

/** Whether data flows, and where the server listens. */
export function useHealth() {
  return useQuery(healthQuery);
}
