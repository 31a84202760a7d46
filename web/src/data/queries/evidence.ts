import { queryOptions, useQuery } from "@tanstack/react-query";
import { type Evidence, readEvidence } from "@/model/evidence";
import { whileKnown } from "../again";
import { get, type Schemas } from "../client";
import { storedSoon } from "../stored-soon";
import type { SpanOf } from "./span";

const FOLLOWING_MS = 5000;

export function evidenceQuery(project: string, traceId: string, begin: string) {
  return queryOptions({
    ...storedSoon,
    queryKey: ["evidence", project, traceId, begin],
    queryFn: async ({ signal }): Promise<Evidence> => {
      const answer = await get("/api/v1/traces/{trace_id}/evidence", { path: { trace_id: traceId }, query: { project }, signal });
      return readEvidence(answer, begin);
    },
    structuralSharing: false, // 50,000 actions are drawn sooner than compared
    placeholderData: () => undefined, // another trace is no stand-in for this one
  });
}

export type EvidenceCounts = Schemas["EvidenceCounts"];

/** How much there is in the evidence of a trace. `following`: the trace still runs. */
export function useEvidenceCounts(project: string, traceId: string, options: { enabled: boolean; following: boolean }) {
  return useQuery({
    ...storedSoon,
    queryKey: ["evidence", "counts", project, traceId],
    queryFn: ({ signal }) => get("/api/v1/traces/{trace_id}/evidence/counts", { path: { trace_id: traceId }, query: { project }, signal }),
    placeholderData: () => undefined,
    enabled: options.enabled,
    refetchInterval: options.following ? whileKnown(FOLLOWING_MS) : false,
  });
}

/** What runners saw in the time of a trace. `begin`: of the trace, from which times are counted; empty: it is not known yet. `following`: the trace still runs. */
export function useEvidence(project: string, traceId: string, begin: string, options: { enabled?: boolean; following?: boolean } = {}) {
  return useQuery({
    ...evidenceQuery(project, traceId, begin),
    enabled: (options.enabled ?? true) && begin !== "",
    refetchInterval: options.following ? whileKnown(FOLLOWING_MS) : false,
  });
}

/** What a span caused on the machine. */
export function useCaused({ project, traceId, spanId }: SpanOf) {
  return useQuery({
    queryKey: ["evidence", "span", project, traceId, spanId],
    queryFn: ({ signal }) =>
      get("/api/v1/traces/{trace_id}/spans/{span_id}/evidence", {
        path: { trace_id: traceId, span_id: spanId },
        query: { project },
        signal,
      }),
    placeholderData: () => undefined,
  });
}
