import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { EVALUATION, type Feedback, feedbackOf } from "@/model/feedback";
import { quoteValue } from "@/model/search-edit";
import { get, type Schemas } from "../client";
import type { Session } from "./sessions";
import type { Trace } from "./traces";

type Found = UseQueryResult<Schemas["EventList"]>;

const PART = 50; // traces of one question
const MOST = 500;

/**
 * By trace id what was said of the traces of a session afterwards: results of evaluations and the feedback of people, whenever they came.
 * Under the empty id: what was said of the session, and of no trace of it.
 */
export function useFeedback(
  project: string,
  session: Session | undefined,
  traces: readonly Trace[],
): ReadonlyMap<string, readonly Feedback[]> {
  const parts = Array.from({ length: Math.ceil(traces.length / PART) }, (_, at) => traces.slice(at * PART, (at + 1) * PART));
  const queries = parts.map((part) => `trace:${part.map((trace) => trace.trace_id).join(",")}`);
  const found = useQueries({
    queries: (session ? [...queries, `session:${quoteValue(session.session_id)}`] : []).map((of) => {
      const query = { project, query: `event:${EVALUATION} ${of}`, from: session?.start ?? "-24h", to: "now", limit: MOST };
      return {
        queryKey: ["feedback", query],
        queryFn: ({ signal }: { signal: AbortSignal }) => get("/api/v1/events", { query, signal }),
        placeholderData: () => undefined,
      };
    }),
    combine: allOf,
  });
  return useMemo(() => byTrace(found, new Set(traces.map((trace) => trace.trace_id))), [found, traces]);
}

function allOf(found: readonly Found[]): readonly Schemas["Event"][] {
  return found.flatMap((one) => one.data?.items ?? []);
}

function byTrace(events: readonly Schemas["Event"][], known: ReadonlySet<string>): ReadonlyMap<string, readonly Feedback[]> {
  const all = new Map<string, Feedback[]>();
  for (const event of new Map(events.map((one) => [one.event_id, one])).values()) {
    const key = event.trace_id && known.has(event.trace_id) ? event.trace_id : "";
    all.set(key, [...(all.get(key) ?? []), feedbackOf(event)]);
  }
  return all;
}
