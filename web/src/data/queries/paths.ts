import { useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type PathStep = Schemas["PathStep"];
export type CriticalPath = Schemas["CriticalPath"];

/** Which steps make the time of an agent's runs, against the range before, and what retries take. */
export function useCriticalPath(scope: Scope, agent: string) {
  return useQuery({
    queryKey: ["critical path", scope, agent],
    queryFn: ({ signal }) => get("/api/v1/agents/{agent}/critical-path", { path: { agent }, query: { ...scope }, signal }),
  });
}
