import { useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type SpanPoint = Schemas["SpanPoint"];
export type CallPoint = Schemas["CallPoint"];

/** Seconds of a bucket, and up to four fields to group by; the server chooses the bucket where none is given. */
export interface SeriesShape {
  readonly bucket_s?: number;
  readonly group_by?: string[];
}

/** Count, errors and durations of spans over time. */
export function useSpanSeries(scope: Scope, query: string, shape: SeriesShape = {}, enabled = true) {
  return useQuery({
    enabled,
    queryKey: ["series", "spans", scope, query, shape],
    queryFn: ({ signal }) => get("/api/v1/series/spans", { query: { ...scope, query, ...shape }, signal }),
  });
}

/** Calls, tokens and cost over time, each call counted once. */
export function useCallSeries(
  scope: Scope,
  query: string,
  shape: SeriesShape = {},
  kind: "llm" | "tool" | "embedding" = "llm",
  enabled = true,
) {
  return useQuery({
    enabled,
    queryKey: ["series", "calls", scope, query, shape, kind],
    queryFn: ({ signal }) => get("/api/v1/series/calls", { query: { ...scope, query, ...shape, kind }, signal }),
  });
}

/** Log records and events over time. */
export function useEventSeries(scope: Scope, query: string, shape: SeriesShape = {}) {
  return useQuery({
    queryKey: ["series", "events", scope, query, shape],
    queryFn: ({ signal }) => get("/api/v1/series/events", { query: { ...scope, query, ...shape }, signal }),
  });
}

/** The calls of one agent over time. */
export function useAgentCallSeries(scope: Scope, agent: string, kind: "llm" | "tool" | "embedding") {
  return useQuery({
    queryKey: ["series", "calls", scope, agent, kind, "of an agent"],
    queryFn: ({ signal }) => get("/api/v1/series/calls", { query: { ...scope, agent, kind }, signal }),
  });
}
