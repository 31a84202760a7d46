import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Trace } from "./traces";

type Found = UseQueryResult<Schemas["OpeningList"]>;

/** By trace id what a user said first, for traces of a list whose root tells no input, or one for programs; one request for each page of the list. */
export function useOpenings(project: string, pages: readonly (readonly Trace[])[]): ReadonlyMap<string, string> {
  return useQueries({
    queries: pages.map((page) => {
      const trace_id = page.filter((trace) => trace.model_calls > 0 && /^\s*[[{]|^$/.test(trace.input)).map((trace) => trace.trace_id);
      return {
        queryKey: ["openings", project, trace_id],
        queryFn: ({ signal }: { signal: AbortSignal }) => get("/api/v1/traces/openings", { query: { project, trace_id }, signal }),
        enabled: trace_id.length > 0,
        staleTime: 300_000,
        placeholderData: () => undefined,
      };
    }),
    combine: byTrace,
  });
}

function byTrace(found: readonly Found[]): ReadonlyMap<string, string> {
  return new Map(found.flatMap((one) => one.data?.items.map((item) => [item.trace_id, item.text] as const) ?? []));
}
