import { useQuery } from "@tanstack/react-query";
import { sqlParameters } from "@/model/sql-answer";
import { bounds } from "@/model/time-range";
import { downloadAnswer, get, post } from "../client";
import type { Scope } from "../scope";

/** What a text answers; it is asked again when the time range changes only where it asks for it. */
export function useSql(scope: Scope, sql: string) {
  const moving = Object.keys(sqlParameters(sql, { fromMs: 0, toMs: 1 })).length > 0;
  return useQuery({
    queryKey: ["sql", scope.project, sql, moving ? scope : null],
    queryFn: ({ signal }) => post("/api/v1/sql", { query: { project: scope.project }, body: question(scope, sql), signal }),
    enabled: sql.trim() !== "",
    retry: false,
  });
}

/** The tables that may be asked. */
export function useSqlSchema() {
  return useQuery({ queryKey: ["sql", "schema"], queryFn: ({ signal }) => get("/api/v1/sql/schema", { signal }), staleTime: Infinity });
}

const MEDIA = { csv: "text/csv", parquet: "application/vnd.apache.parquet" } as const;

/** The answer as a file. */
export function downloadSql(scope: Scope, sql: string, format: keyof typeof MEDIA): Promise<Blob> {
  return downloadAnswer("/api/v1/sql", question(scope, sql), { project: scope.project }, MEDIA[format]);
}

function question(scope: Scope, sql: string) {
  return { sql, parameters: sqlParameters(sql, bounds(scope, Date.now())) };
}
