import { useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Source = Schemas["Source"];
export type Sender = Schemas["Sender"];
export type StoredTable = Schemas["StoredTable"];

/** Telemetry health of each source. */
export function useSources(scope: Scope) {
  return useQuery({
    queryKey: ["sources", scope],
    queryFn: ({ signal }) => get("/api/v1/sources", { query: { ...scope, limit: 200 }, signal }),
  });
}

/** What each sender sent since the start, and what became of it. */
export function useLedger() {
  return useQuery({ queryKey: ["ledger"], queryFn: ({ signal }) => get("/api/v1/ledger", { signal }), refetchInterval: 15_000 });
}

/** What each table keeps. */
export function useStorage() {
  return useQuery({ queryKey: ["storage"], queryFn: ({ signal }) => get("/api/v1/storage", { signal }), staleTime: 30_000 });
}
