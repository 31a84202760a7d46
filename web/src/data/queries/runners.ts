import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { whileKnown } from "../again";
import { addressOf, get, type Schemas, tell } from "../client";

export type Runner = Schemas["RunnerItem"];
export type Runners = Schemas["RunnerList"];

const EVERY_MS = 5000;
const KEY = ["runners"] as const;

/** What the server goes and looks at by itself, and which kinds of runners there are. */
export function useRunners() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => get("/api/v1/runners", { signal }), refetchInterval: whileKnown(EVERY_MS) });
}

export interface RunnerWish {
  readonly id: string;
  readonly do: "start" | "stop";
}

/** Starts or stops one; it stays so over restarts of the server. */
export function useMoveRunner() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, do: what }: RunnerWish) => tell("POST", addressOf(`/api/v1/runners/{id}/${what}`, { id }, {})),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
