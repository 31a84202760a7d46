import { useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Usage = Schemas["Usage"];

const MOST = 1000;

/** Tools by use; of one agent, or of all. */
export function useTools(scope: Scope, query = "", agent = "") {
  return useQuery({
    queryKey: ["tools", scope, query, agent],
    queryFn: ({ signal }) => get("/api/v1/tools", { query: { ...scope, query, agent, limit: MOST }, signal }),
  });
}

/** Models by use; of one agent, or of all. */
export function useModels(scope: Scope, query = "", agent = "") {
  return useQuery({
    queryKey: ["models", scope, query, agent],
    queryFn: ({ signal }) => get("/api/v1/models", { query: { ...scope, query, agent, limit: MOST }, signal }),
  });
}
