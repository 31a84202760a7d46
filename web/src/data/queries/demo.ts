import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, type Schemas, tell } from "../client";

export type DemoState = Schemas["DemoState"];

const EVERY_MS = 1000;
const KEY = ["demo"] as const;

/** The demo that the server tells itself, asked for again while it goes on. */
export function useDemo() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => get("/api/v1/demo", { signal }),
    refetchInterval: (query) => (isTold(query.state.data) ? EVERY_MS : false),
  });
}

export function isTold(demo: Pick<DemoState, "phase"> | undefined): boolean {
  return demo?.phase === "past" || demo?.phase === "live";
}

/** Begin the demo, or end it. */
export function useChangeDemo() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: KEY });
  const start = useMutation({ mutationFn: (project: string) => tell("POST", "/api/v1/demo", { project }), onSettled });
  const stop = useMutation({ mutationFn: () => tell("DELETE", "/api/v1/demo"), onSettled });
  return { start, stop };
}
