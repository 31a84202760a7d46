import { useQuery } from "@tanstack/react-query";
import { whileKnown } from "../again";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type ToolWaste = Schemas["ToolWaste"];
export type Loop = Schemas["LoopItem"];

const MOST = 100;
const EVERY_MS = 10_000;

/** Calls of tools that came to nothing, by agent and tool; of one agent, or of all where it is empty. */
export function useWaste(scope: Scope, agent: string) {
  return useQuery({
    queryKey: ["waste", scope, agent],
    queryFn: ({ signal }) => get("/api/v1/tools/waste", { query: { ...scope, agent, limit: MOST }, signal }),
  });
}

/** Runs that go, or went, round in circles, told last first. */
export function useLoops(scope: Scope, agent: string) {
  return useQuery({
    queryKey: ["loops", scope, agent],
    queryFn: ({ signal }) => get("/api/v1/loops", { query: { ...scope, agent, limit: MOST }, signal }),
    refetchInterval: whileKnown(EVERY_MS),
  });
}
