import { useQuery } from "@tanstack/react-query";
import { whileKnown } from "../again";
import { type GetAnswer, get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Source = GetAnswer<"/api/v1/sources">["items"][number];
export type LedgerLine = GetAnswer<"/api/v1/ledger">["items"][number];
export type Sender = Schemas["Sender"];
export type StoredTable = Schemas["StoredTable"];

const LEDGER_MS = 15_000;

/** Telemetry health of each source. */
export function useSources(scope: Scope) {
  return useQuery({
    queryKey: ["sources", scope],
    queryFn: ({ signal }) => get("/api/v1/sources", { query: { ...scope, limit: 200 }, signal }),
  });
}

/** What each source of a project sent, and what became of it. */
export function useLedger(project: string) {
  return useQuery({
    queryKey: ["ledger", project],
    queryFn: ({ signal }) => get("/api/v1/ledger", { query: { project }, signal }),
    refetchInterval: whileKnown(LEDGER_MS),
  });
}

/** What each table keeps. */
export function useStorage() {
  return useQuery({ queryKey: ["storage"], queryFn: ({ signal }) => get("/api/v1/storage", { signal }), staleTime: 30_000 });
}
