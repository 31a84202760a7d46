import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { whileKnown } from "../again";
import { addressOf, get, type Schemas, tell } from "../client";
import type { Scope } from "../scope";

export type Threat = Schemas["ThreatItem"];
export type FindingDetail = Schemas["FindingDetail"];

const MOST = 200;
const EVERY_MS = 15_000;

/** How threatened agents are, the most threatened first. */
export function useThreats(scope: Scope, query: string) {
  return useQuery({
    queryKey: ["findings", "threats", scope, query],
    queryFn: ({ signal }) => get("/api/v1/security/threats", { query: { ...scope, query, limit: MOST }, signal }),
    refetchInterval: whileKnown(EVERY_MS),
  });
}

/** One finding with the rows that show it, and what people did about it. */
export function useFinding(project: string, fingerprint: string) {
  return useQuery({
    queryKey: ["findings", "one", project, fingerprint],
    queryFn: ({ signal }) => get("/api/v1/findings/{fingerprint}", { path: { fingerprint }, query: { project }, signal }),
    placeholderData: () => undefined,
  });
}

export interface FindingWish {
  readonly do: "mitigate" | "reopen" | "useful" | "noise" | "none";
  readonly who: string;
  readonly note: string;
}

/** Say that something was done about a finding or what it was worth, or take that back. */
export function useActOnFinding(project: string, fingerprint: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ do: act, who, note }: FindingWish) =>
      act === "mitigate" || act === "reopen"
        ? tell("POST", addressOf(`/api/v1/findings/{fingerprint}/${act}`, { fingerprint }, { project }), { who, note })
        : tell("POST", addressOf("/api/v1/findings/{fingerprint}/verdict", { fingerprint }, { project }), { verdict: act, who, note }),
    onSettled: () => client.invalidateQueries({ queryKey: ["findings"] }),
  });
}
