import { useQuery } from "@tanstack/react-query";
import { isRecent, timesQuery } from "@/model/findings";
import { quoteValue } from "@/model/search-edit";
import { get, type Schemas } from "../client";
import { useLooked } from "../looked";
import type { Scope } from "../scope";

export type Finding = Schemas["FindingItem"];

const MOST = 1000;
const MOST_TIMES = 100;
const MOST_OF_AGENT = 500;
const MOST_NEW = 100;
const EVERY_MS = 15_000;
const NEW_EVERY_MS = 60_000;

/** What was found, one per kind of trouble and subject, last seen first; at most a thousand. */
export function useFindings(scope: Scope, query: string) {
  return useQuery({
    queryKey: ["findings", scope, query],
    queryFn: ({ signal }) => get("/api/v1/findings", { query: { ...scope, query, limit: MOST }, signal }),
    refetchInterval: EVERY_MS,
  });
}

/** The latest hundred times that a finding was told, each with all that the analyzer said. */
export function useFindingTimes(scope: Scope, fingerprint: string) {
  return useQuery({
    queryKey: ["finding-times", scope, fingerprint],
    queryFn: ({ signal }) => get("/api/v1/events", { query: { ...scope, query: timesQuery(fingerprint), limit: MOST_TIMES }, signal }),
    placeholderData: () => undefined,
  });
}

/** Each time that something was found about one agent, the latest five hundred. */
export function useAgentFindings(scope: Scope, agent: string, enabled: boolean) {
  return useQuery({
    queryKey: ["agent-findings", scope, agent],
    queryFn: ({ signal }) =>
      get("/api/v1/events", { query: { ...scope, query: `event:finding agent:${quoteValue(agent)}`, limit: MOST_OF_AGENT }, signal }),
    placeholderData: () => undefined,
    enabled,
  });
}

/** How many were found since somebody looked, in words: `3`, `99+`; empty: none. Asked once a minute, and not before the page is there. */
export function useNewFindings(project: string, enabled: boolean): string {
  const looked = useLooked(project);
  const found = useQuery({
    queryKey: ["new-findings", project, looked],
    queryFn: ({ signal }) =>
      get("/api/v1/findings", {
        query: { project, from: isRecent(looked, Date.now()) ? looked : "-7d", to: "now", limit: MOST_NEW },
        signal,
      }),
    refetchInterval: NEW_EVERY_MS,
    enabled,
  });
  const fresh = found.data?.items.filter((one) => one.last_seen > looked).length ?? 0;
  return fresh ? (fresh >= MOST_NEW ? `${MOST_NEW - 1}+` : String(fresh)) : "";
}
