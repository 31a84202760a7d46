import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { whileFirst, whileKnown } from "../again";
import { addressOf, get, type Schemas, tell } from "../client";

export type Stop = Schemas["StopItem"];

const PAGE = 100;
const EVERY_MS = 5000;
const KEY = "execution-stops";

/** Executions that shall stop, latest first, page by page. */
export function useStops(project: string) {
  return useInfiniteQuery({
    queryKey: [KEY, project],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/execution-stops", { query: { project, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: whileFirst(EVERY_MS),
  });
}

/** Whether one execution shall stop; null: nobody asked it to. `following`: it goes on. */
export function useStopOf(project: string, execution: string, following: boolean) {
  return useQuery({
    queryKey: [KEY, project, execution],
    queryFn: async ({ signal }) => {
      const told = await get("/api/v1/execution-stops", { query: { project, execution_id: execution, limit: 1 }, signal });
      return told.items[0] ?? null;
    },
    placeholderData: () => undefined,
    refetchInterval: following ? whileKnown(EVERY_MS) : false,
  });
}

export type StopWish =
  | { readonly do: "ask"; readonly execution: string; readonly who: string; readonly note: string }
  | { readonly do: "withdraw"; readonly execution: string };

/** Asks an execution to stop, or takes that back as long as its program has not heard of it. */
export function useChangeStop(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: StopWish) => {
      if (wish.do === "ask") {
        const body: Schemas["StopDraft"] = { execution_id: wish.execution, who: wish.who, note: wish.note };
        return tell("POST", addressOf("/api/v1/execution-stops", {}, { project }), body);
      }
      return tell("DELETE", addressOf("/api/v1/execution-stops/{execution_id}", { execution_id: wish.execution }, { project }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: [KEY, project] }),
  });
}
