import { queryOptions, useQuery } from "@tanstack/react-query";
import { pollMs } from "@/model/running-trace";
import { TraceRows } from "@/model/trace-rows";
import { get } from "../client";
import { outlineOf } from "../first-page";
import { storedSoon } from "../stored-soon";

export function outlineQuery(project: string, traceId: string) {
  return queryOptions({
    ...storedSoon,
    queryKey: ["outline", project, traceId],
    queryFn: async ({ signal }) => {
      const outline = await get("/api/v1/traces/{trace_id}/outline", { ...outlineOf(project, traceId), signal });
      return { outline, rows: new TraceRows(outline) };
    },
    structuralSharing: false, // comparing 100,000 spans with those before takes longer than drawing them
    placeholderData: () => undefined, // another trace is no stand-in for this one
  });
}

/** The whole tree of a trace as columns; asked again every few seconds for as long as `running` says so. */
export function useOutline(project: string, traceId: string, running: () => boolean) {
  return useQuery({
    ...outlineQuery(project, traceId),
    refetchInterval: ({ state }) => (running() ? pollMs(state.data?.outline.total ?? 0) : false),
  });
}
