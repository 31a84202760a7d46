import { useQuery } from "@tanstack/react-query";
import { whileKnown } from "../again";
import { get, type Schemas } from "../client";

export type Snapshot = Schemas["Snapshot"];
export type StateAt = Schemas["StateAt"];
export type StateChange = Schemas["StateChange"];

const MOST_SNAPSHOTS = 1000;
const FOLLOWING_MS = 4000;
const HELD_MS = 300_000; // a moment that is over does not change

/** The first thousand snapshots of an execution, in order. `following`: it goes on. */
export function useSnapshots(project: string, id: string, following: boolean) {
  return useQuery({
    queryKey: ["snapshots", project, id],
    queryFn: ({ signal }) =>
      get("/api/v1/executions/{execution_id}/snapshots", { path: { execution_id: id }, query: { project, limit: MOST_SNAPSHOTS }, signal }),
    placeholderData: () => undefined,
    refetchInterval: following ? whileKnown(FOLLOWING_MS) : false,
  });
}

/** An execution at a moment: state, messages, memory, files. What was shown before stays until the answer is there. */
export function useStateAt(project: string, id: string, at: string, following: boolean) {
  return useQuery({
    queryKey: ["state", project, id, at],
    queryFn: ({ signal }) => get("/api/v1/executions/{execution_id}/state", { path: { execution_id: id }, query: { project, at }, signal }),
    staleTime: at === "last" ? 0 : HELD_MS,
    refetchInterval: following && at === "last" ? whileKnown(FOLLOWING_MS) : false,
  });
}

/** What changed in the state between two moments; a 404 says why that is not known. */
export function useStateDiff(project: string, id: string, from: string, to: string, enabled: boolean) {
  return useQuery({
    queryKey: ["state-diff", project, id, from, to],
    queryFn: ({ signal }) =>
      get("/api/v1/executions/{execution_id}/state/diff", { path: { execution_id: id }, query: { project, from, to }, signal }),
    enabled,
    placeholderData: () => undefined, // changes of other moments would be marked wrongly
    staleTime: to === "last" ? 0 : HELD_MS,
  });
}
