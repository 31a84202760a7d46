import { useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Metric = Schemas["Metric"];
export type MetricPoint = Schemas["MetricPoint"];

/** The metrics of a project, by name. */
export function useMetrics(scope: Scope) {
  return useQuery({
    queryKey: ["metrics", scope],
    queryFn: ({ signal }) => get("/api/v1/metrics", { query: { ...scope, limit: 1000 }, signal }),
  });
}

/** One metric over time. */
export function usePoints(scope: Scope, metric: string, query: string, group_by: string[]) {
  return useQuery({
    queryKey: ["points", scope, metric, query, group_by],
    queryFn: ({ signal }) => get("/api/v1/points", { query: { ...scope, metric, query, group_by }, signal }),
    enabled: metric !== "",
  });
}
