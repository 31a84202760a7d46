import { queryOptions, useQuery } from "@tanstack/react-query";
import { parseTime } from "@/model/format";
import { pollMs } from "@/model/running-trace";
import { TraceRows } from "@/model/trace-rows";
import { get, type Schemas } from "../client";
import { outlineOf } from "../first-page";
import { storedSoon } from "../stored-soon";

/** The tree of a trace as it came, and ready to be drawn. */
export interface Outlined {
  readonly outline: Schemas["TraceOutline"];
  readonly rows: TraceRows;
  /** When the last news of the trace came, ms since 1970: as it was first asked for, its last end. */
  readonly newsMs: number;
}

export function outlineQuery(project: string, traceId: string) {
  const queryKey = ["outline", project, traceId];
  return queryOptions({
    ...storedSoon,
    queryKey,
    queryFn: async ({ client, signal }): Promise<Outlined> => {
      const outline = await get("/api/v1/traces/{trace_id}/outline", { ...outlineOf(project, traceId), signal });
      const before = client.getQueryData<Outlined>(queryKey);
      if (before?.outline === outline) return before; // nothing is new, so nothing is drawn
      const rows = new TraceRows(outline);
      return { outline, rows, newsMs: before ? Date.now() : parseTime(outline.begin) + rows.end / 1e6 };
    },
    structuralSharing: false, // comparing 100,000 spans with those before takes longer than drawing them
    placeholderData: () => undefined, // another trace is no stand-in for this one
  });
}

/** The whole tree of a trace as columns; asked again every few seconds for as long as `running` says so. */
export function useOutline(project: string, traceId: string, running: () => boolean) {
  return useQuery({
    ...outlineQuery(project, traceId),
    refetchInterval: ({ state: { data } }) => (running() ? pollMs(data?.outline.total ?? 0, data ? Date.now() - data.newsMs : 0) : false),
  });
}
