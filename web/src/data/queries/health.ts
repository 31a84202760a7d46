import { queryOptions, useQuery } from "@tanstack/react-query";
import { passes } from "../again";
import { get, type Schemas } from "../client";
import { ApiError } from "../problem";

export type Health = Schemas["Health"];

const USUAL_MS = 15_000;
const AWAY_MS = 3000;
const BEGINS_MS = 10_000; // it is one small question; who does not answer that hangs

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: async ({ signal }): Promise<Health> => {
    const told = await get("/health", { signal, alsoGood: 503, beginsMs: BEGINS_MS }); // with the reasons why data does not flow
    if ("store" in told) return told;
    throw new ApiError(401, "unauthorized", "this server wants an API key"); // without one it says only whether data flows
  },
  refetchInterval: (query) => (query.state.status === "error" ? AWAY_MS : USUAL_MS),
  retry: (failures, error) => failures < 1 && passes(failures, error), // that it is away shall be known soon
  staleTime: 5000,
});

/** Whether data flows, and where the server listens. */
export function useHealth(enabled = true) {
  return useQuery({ ...healthQuery, enabled });
}
