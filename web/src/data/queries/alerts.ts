import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ALERT_STATES, type AlertState, type DeliveryState } from "@/model/alerts-search";
import { whileFirst, whileKnown } from "../again";
import { addressOf, get, type Schemas, tell } from "../client";
import type { Scope } from "../scope";

export type Alert = Schemas["AlertItem"];
export type AlertDetail = Schemas["AlertDetail"];
export type AlertCause = Schemas["AlertCauseItem"];
export type AlertRule = Schemas["RuleItem"];
export type Silence = Schemas["SilenceItem"];
export type Delivery = Schemas["DeliveryItem"];
export type Rehearsal = Schemas["RehearsalAnswer"];

const PAGE = 100;
const EVERY_MS = 5000;
const COUNT_EVERY_MS = 30_000;

/** Alerts, last changed first, page by page. */
export function useAlerts(project: string, state: readonly AlertState[], rule: string) {
  return useInfiniteQuery({
    queryKey: ["alerts", project, "list", state, rule],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/alerts", {
        query: { project, state: [...state], rule, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: whileFirst(EVERY_MS),
  });
}

/** Alerts by cause, what fires first, page by page. */
export function useCauses(project: string, state: readonly AlertState[], rule: string) {
  return useInfiniteQuery({
    queryKey: ["alerts", project, "causes", state, rule],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/alert-causes", {
        query: { project, state: [...state], rule, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: whileFirst(EVERY_MS),
  });
}

/** One cause with its alerts, also those that are over; null: there is none. */
export function useCause(project: string, cause: string) {
  return useQuery({
    queryKey: ["alerts", project, "cause", cause],
    queryFn: async ({ signal }) => {
      const found = await get("/api/v1/alert-causes", { query: { project, state: [...ALERT_STATES], cause, limit: 1 }, signal });
      return found.items[0] ?? null;
    },
    placeholderData: () => undefined,
    refetchInterval: whileKnown(EVERY_MS),
  });
}

/** How many fire, in words; empty: none. Not asked before the page is there. */
export function useFiring(project: string, enabled: boolean): string {
  const found = useQuery({
    queryKey: ["alerts", project, "count"],
    queryFn: ({ signal }) => get("/api/v1/alerts", { query: { project, state: ["firing"], limit: 1 }, signal }),
    refetchInterval: whileKnown(COUNT_EVERY_MS),
    enabled,
  });
  const firing = found.data?.counts.reduce((sum, one) => sum + (one.state === "firing" ? one.count : 0), 0) ?? 0;
  return firing ? (firing > 999 ? "999+" : String(firing)) : "";
}

/** One with its history. */
export function useAlert(project: string, id: string) {
  return useQuery({
    queryKey: ["alerts", project, "one", id],
    queryFn: ({ signal }) => get("/api/v1/alerts/{id}", { path: { id }, query: { project }, signal }),
    placeholderData: () => undefined,
    refetchInterval: whileKnown(EVERY_MS),
  });
}

export type AlertWish =
  | { readonly do: "acknowledge"; readonly body: Schemas["Acknowledgement"] }
  | { readonly do: "release" | "resolve"; readonly body: Schemas["Words"] }
  | { readonly do: "notes"; readonly body: Schemas["Comment"] };

/** What is acted on: one alert, or all that goes on of a cause. */
export type ActedOn = { readonly id: string } | { readonly cause: string };

/** Take it, let it go, say that it is over; one alert can be given a note. */
export function useActOnAlert(project: string, on: ActedOn) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: AlertWish) =>
      "id" in on
        ? tell("POST", addressOf(`/api/v1/alerts/{id}/${wish.do}`, { id: on.id }, { project }), wish.body)
        : tell("POST", addressOf(`/api/v1/alert-causes/${wish.do}`, {}, { project }), { ...wish.body, cause: on.cause }),
    onSettled: () => client.invalidateQueries({ queryKey: ["alerts", project] }),
  });
}

/** The rules, by name, and how they do. */
export function useRules(project: string) {
  return useQuery({
    queryKey: ["alert-rules", project],
    queryFn: ({ signal }) => get("/api/v1/alert-rules", { query: { project }, signal }),
    refetchInterval: whileKnown(EVERY_MS * 3),
  });
}

/** One rule, as it was when the page was opened: who writes shall not lose what they wrote. */
export function useRule(project: string, name: string) {
  return useQuery({
    queryKey: ["alert-rules", project, "one", name],
    queryFn: ({ signal }) => get("/api/v1/alert-rules/{name}", { path: { name }, query: { project }, signal }),
    enabled: name !== "",
    placeholderData: () => undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

export type RuleWish =
  | { readonly do: "put"; readonly name: string; readonly rule: unknown; readonly version: number; readonly author: string }
  | { readonly do: "delete"; readonly name: string; readonly author: string };

/** Keep a rule (`version`: which was seen, 0: none), or delete it. */
export function useChangeRule(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: RuleWish) => {
      const path = "/api/v1/alert-rules/{name}";
      if (wish.do === "delete") return tell("DELETE", addressOf(path, { name: wish.name }, { project, author: wish.author }));
      return tell("PUT", addressOf(path, { name: wish.name }, { project }), {
        rule: wish.rule,
        version: wish.version,
        author: wish.author,
      });
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["alert-rules", project], exact: true }),
        client.invalidateQueries({ queryKey: ["alerts", project] }),
      ]),
  });
}

/** When a rule would have fired in the time; null: there is none to try. */
export function useRehearsal({ project, from, to }: Scope, rule: unknown) {
  return useQuery({
    queryKey: ["alert-rehearsal", project, from, to, rule],
    queryFn: async () => (await tell("POST", addressOf("/api/v1/alert-rules/test", {}, { project, from, to }), { rule })) as Rehearsal,
    enabled: rule !== null,
    staleTime: 60_000,
  });
}

/** Silences, those that end last first. */
export function useSilences(project: string) {
  return useQuery({
    queryKey: ["silences", project],
    queryFn: ({ signal }) => get("/api/v1/silences", { query: { project }, signal }),
    refetchInterval: whileKnown(EVERY_MS * 3),
  });
}

export type SilenceWish =
  | { readonly do: "add"; readonly silence: Schemas["Silence"] }
  | { readonly do: "end" | "delete"; readonly id: string };

/** Make a silence, end one, delete one. */
export function useChangeSilence(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: SilenceWish) => {
      if (wish.do === "add") return tell("POST", addressOf("/api/v1/silences", {}, { project }), wish.silence);
      if (wish.do === "end") return tell("POST", addressOf("/api/v1/silences/{id}/end", { id: wish.id }, { project }));
      return tell("DELETE", addressOf("/api/v1/silences/{id}", { id: wish.id }, { project }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["silences", project] }),
  });
}

/** Notices and what became of them, latest first, page by page. */
export function useDeliveries(project: string, state: readonly DeliveryState[]) {
  return useInfiniteQuery({
    queryKey: ["alert-deliveries", project, state],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/alert-deliveries", {
        query: { project, state: [...state], limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: whileFirst(EVERY_MS),
  });
}
