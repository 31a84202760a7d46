import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { whileFirst } from "../again";
import { addressOf, get, type Schemas, tell } from "../client";

export type Policy = Schemas["PolicyItem"];
export type Action = Schemas["ActionItem"];

const PAGE = 100;
const EVERY_MS = 5000;

/** The policies by name, and whether they may act at all. */
export function usePolicies(project: string) {
  return useQuery({
    queryKey: ["alert-policies", project],
    queryFn: ({ signal }) => get("/api/v1/alert-policies", { query: { project }, signal }),
  });
}

export type PolicyWish =
  | { readonly do: "put"; readonly name: string; readonly policy: unknown; readonly version: number; readonly author: string }
  | { readonly do: "delete"; readonly name: string };

/** Keep a policy (`version`: which was seen, 0: none), or delete it. */
export function useChangePolicy(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: PolicyWish) => {
      const address = addressOf("/api/v1/alert-policies/{name}", { name: wish.name }, { project });
      if (wish.do === "delete") return tell("DELETE", address);
      return tell("PUT", address, { policy: wish.policy, version: wish.version, author: wish.author });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["alert-policies", project] }),
  });
}

/** What policies did, would have done or were kept from doing, latest first, page by page. */
export function useActions(project: string, policy: string) {
  return useInfiniteQuery({
    queryKey: ["alert-actions", project, policy],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/alert-actions", { query: { project, policy, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: whileFirst(EVERY_MS),
  });
}

/** Takes an action back, as far as that goes. */
export function useUndo(project: string, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["Words"]) => tell("POST", addressOf("/api/v1/alert-actions/{id}/undo", { id }, { project }), body),
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey: [what, of] }) => of === project && (what === "alert-actions" || what === "alerts"),
      }),
  });
}
