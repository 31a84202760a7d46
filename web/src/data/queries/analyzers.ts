import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { addressOf, get, type Schemas, tell } from "../client";

export type Analyzer = Schemas["AnalyzerItem"];
export type Analyzers = Schemas["AnalyzerList"];

const EVERY_MS = 5000;
const KEY = ["analyzers"] as const;

/** The analyzers in the order in which they run, and how far all are. */
export function useAnalyzers() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => get("/api/v1/analyzers", { signal }), refetchInterval: EVERY_MS });
}

/** Lets one rest, or run again; the answer is how it stands then. */
export function useChangeAnalyzer() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, running }: { readonly name: string; readonly running: boolean }) =>
      tell("PUT", addressOf("/api/v1/analyzers/{name}", { name }, {}), { running }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
