import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { whileKnown } from "../again";
import { addressOf, get, type Schemas, tell } from "../client";

export type Analyzer = Schemas["AnalyzerItem"];
export type Analyzers = Schemas["AnalyzerList"];

const EVERY_MS = 5000;
const KEY = ["analyzers"] as const;

/** The analyzers in the order in which they run, and how far all are. */
export function useAnalyzers() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => get("/api/v1/analyzers", { signal }), refetchInterval: whileKnown(EVERY_MS) });
}

export interface AnalyzerChange {
  readonly name: string;
  /** Left out: as it is. */
  readonly running?: boolean;
  /** All of them; left out: as they are. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Lets one rest, run again, or go on with other settings. */
export function useChangeAnalyzer() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...wish }: AnalyzerChange) => tell("PUT", addressOf("/api/v1/analyzers/{name}", { name }, {}), wish),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
