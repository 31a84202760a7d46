import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Flow = Schemas["FlowGraph"];

/** Which tool follows which in the runs of an agent; of the latest version where none is named. */
export function useFlow(scope: Scope, agent: string, version: string | undefined, against: string | undefined) {
  return useQuery({
    queryKey: ["flow", scope, agent, version, against],
    queryFn: ({ signal }) =>
      get("/api/v1/agents/{agent}/flow", {
        path: { agent },
        query: { ...scope, ...(version ? { version } : {}), ...(against ? { against } : {}) },
        signal,
      }),
    enabled: agent !== "",
    placeholderData: keepPreviousData,
  });
}
