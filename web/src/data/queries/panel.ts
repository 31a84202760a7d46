import { useQuery } from "@tanstack/react-query";
import type { Panel } from "@/model/dashboards";
import { type SqlRow, sqlParameters } from "@/model/sql-answer";
import { bounds } from "@/model/time-range";
import { get, post } from "../client";
import type { Scope } from "../scope";

export interface PanelPoint {
  readonly time: string;
  readonly group: Readonly<Record<string, string>>;
  readonly [figure: string]: unknown;
}

/** What a panel shows: points of a series, or the rows of a SQL text. */
export interface PanelAnswer {
  readonly bucketS: number;
  readonly points: readonly PanelPoint[];
  readonly columns: readonly string[];
  readonly rows: readonly SqlRow[];
  readonly unit: string;
}

type Asked = Pick<Panel, "source" | "query" | "group_by" | "metric" | "sql">;

/** The figures of a panel. */
export function usePanel(scope: Scope, panel: Panel) {
  const { source, query, group_by, metric, sql } = panel;
  const asked: Asked = { source, query, group_by, metric, sql };
  return useQuery({
    queryKey: ["panel", scope, asked],
    queryFn: ({ signal }) => (source === "sql" ? rows(scope, sql, signal) : points(scope, asked, signal)),
    enabled: source === "sql" ? sql !== "" : source !== "points" || metric !== "",
  });
}

async function rows(scope: Scope, sql: string, signal: AbortSignal): Promise<PanelAnswer> {
  const parameters = sqlParameters(sql, bounds(scope, Date.now()));
  const answer = await post("/api/v1/sql", { query: { project: scope.project }, body: { sql, parameters }, signal });
  return { bucketS: 0, points: [], columns: answer.columns, rows: answer.items, unit: "" };
}

async function points(scope: Scope, { source, query, group_by, metric }: Asked, signal: AbortSignal): Promise<PanelAnswer> {
  const shared = { ...scope, query, group_by: [...group_by] };
  const answer =
    source === "spans"
      ? await get("/api/v1/series/spans", { query: shared, signal })
      : source === "calls"
        ? await get("/api/v1/series/calls", { query: shared, signal })
        : source === "events"
          ? await get("/api/v1/series/events", { query: shared, signal })
          : await get("/api/v1/points", { query: { ...shared, metric }, signal });
  const items = answer.items as readonly PanelPoint[];
  return { bucketS: answer.bucket_s, points: items, columns: [], rows: [], unit: String(items[0]?.["unit"] ?? "") };
}
