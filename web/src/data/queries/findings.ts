import { useQuery } from "@tanstack/react-query";
import { isRecent, timesQuery } from "@/model/findings";
import { whileKnown } from "../again";
import { addressOf, get, type Schemas, tell } from "../client";
import { useLooked } from "../looked";
import type { Scope } from "../scope";

export type Finding = Schemas["FindingItem"];
export type Detected = Schemas["Detected"];

const MOST = 1000;
const MOST_TIMES = 100;
const MOST_OF_AGENT = 100;
const MOST_NEW = 100;
const EVERY_MS = 15_000;
const NEW_EVERY_MS = 60_000;

/** What was found, one per kind of trouble and subject, last seen first; at most a thousand. `mitigated`: only what somebody did something about, or only the others. */
export function useFindings(scope: Scope, query: string, mitigated?: boolean) {
  return useQuery({
    queryKey: ["findings", scope, query, mitigated],
    queryFn: ({ signal }) =>
      get("/api/v1/findings", { query: { ...scope, query, limit: MOST, ...(mitigated === undefined ? {} : { mitigated }) }, signal }),
    refetchInterval: whileKnown(EVERY_MS),
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

/** What was found of one agent, and what it shares with others, last seen first. */
export function useAgentFindings(scope: Scope, agent: string) {
  return useQuery({
    queryKey: ["agent-findings", scope, agent],
    queryFn: ({ signal }) =>
      get("/api/v1/agents/{agent}/anomalies", { path: { agent }, query: { ...scope, limit: MOST_OF_AGENT }, signal }),
  });
}

/** What stands out in an agent's past, looked at now: every bucket with the band that is expected. */
export function useDetection({ project, from, to }: Scope, agent: string, wanted: Schemas["Detection"]) {
  return useQuery({
    queryKey: ["detection", project, from, to, agent, wanted],
    queryFn: async () => (await tell("POST", addressOf("/api/v1/detect/{agent}", { agent }, { project, from, to }), wanted)) as Detected,
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
    refetchInterval: whileKnown(NEW_EVERY_MS),
    enabled,
  });
  const fresh = found.data?.items.filter((one) => one.last_seen > looked).length ?? 0;
  return fresh ? (fresh >= MOST_NEW ? `${MOST_NEW - 1}+` : String(fresh)) : "";
}
