import { useQuery } from "@tanstack/react-query";
import { goesOn, type Running, runningOf } from "@/model/running";
import { get } from "../client";

const MOST = 40;
const EVERY_MS = 4000;
const DAY = { from: "-24h", to: "now" } as const;

/** Runs of agents that go on now, with their last step and what they spent so far; asked for again every few seconds. */
export function useRunning(project: string) {
  return useQuery({
    queryKey: ["running", project],
    queryFn: async ({ signal }): Promise<readonly Running[]> => {
      const scope = { project, ...DAY };
      const [spans, all] = await Promise.all([
        get("/api/v1/executions", { query: { ...scope, query: "is:pending", limit: MOST }, signal }),
        get("/api/v1/executions", { query: { ...scope, limit: 200 }, signal }), // also those that only events tell of
      ]);
      const runs = [...spans.items, ...all.items.filter((run) => run.source === "event")];
      const ids = [...new Set(runs.flatMap((run) => (goesOn(run) && run.trace_id ? [run.trace_id] : [])))].slice(0, MOST);
      if (!ids.length) return runningOf(runs, [], []);
      const query = `trace:${ids.join(",")}`;
      const [steps, spends] = await Promise.all([
        get("/api/v1/spans", { query: { ...scope, query, limit: 500 }, signal }),
        get("/api/v1/traces", { query: { ...scope, query, limit: MOST }, signal }),
      ]);
      return runningOf(runs, steps.items, spends.items);
    },
    refetchInterval: EVERY_MS,
  });
}
