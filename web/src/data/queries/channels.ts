import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { addressOf, document, get, type Schemas, tell } from "../client";

export type Channel = Schemas["ChannelItem"];
export type ChannelKind = Schemas["ChannelKindItem"];
export type Outcome = Schemas["Outcome"];
export type Routing = Schemas["RoutingAnswer"];

/** The channels by name, and the kinds that there are. */
export function useChannels(project: string) {
  return useQuery({
    queryKey: ["alert-channels", project],
    queryFn: ({ signal }) => get("/api/v1/alert-channels", { query: { project }, signal }),
    refetchInterval: 60_000, // whether they take notices changes by itself
  });
}

export type ChannelWish =
  | { readonly do: "put"; readonly name: string; readonly body: Schemas["ChannelDraft"] }
  | { readonly do: "delete"; readonly name: string };

/** Keep a channel (`version`: which was seen, 0: none), or delete it. */
export function useChangeChannel(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: ChannelWish) => {
      const address = addressOf("/api/v1/alert-channels/{name}", { name: wish.name }, { project });
      return wish.do === "put" ? tell("PUT", address, wish.body) : tell("DELETE", address);
    },
    onSettled: () =>
      client.invalidateQueries({ predicate: ({ queryKey: [what] }) => what === "alert-channels" || what === "alert-routing" }),
  });
}

/** Sends a test notice, and gives what the other side said. */
export function useTryChannel(project: string) {
  return useMutation({
    mutationFn: async (name: string) =>
      (await tell("POST", addressOf("/api/v1/alert-channels/{name}/test", { name }, { project }))) as Outcome,
  });
}

/** Where alerts are told. */
export function useRouting(project: string) {
  return useQuery({
    queryKey: ["alert-routing", project],
    queryFn: ({ signal }) => get("/api/v1/alert-routing", { query: { project }, signal }),
    refetchInterval: 60_000, // who is on call changes by itself
  });
}

/** Keeps the routing as a whole; null: forgets it, and everything goes to every channel. */
export function useChangeRouting(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly routing: unknown; readonly version: number; readonly author: string } | null) => {
      const address = addressOf("/api/v1/alert-routing", {}, { project });
      return body ? tell("PUT", address, body) : tell("DELETE", address);
    },
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey: [what] }) => what === "alert-routing" || what === "alert-places" }),
  });
}

/** Where an alert with these labels (`name=value`) would be told. */
export function usePlaces(project: string, labels: readonly string[]) {
  return useQuery({
    queryKey: ["alert-places", project, labels],
    queryFn: ({ signal }) => get("/api/v1/alert-routing/places", { query: { project, label: [...labels] }, signal }),
    enabled: labels.length > 0,
  });
}

/** The schemas of the API's description, by name: what a routing is made of has its forms by them. */
export function useSchemas(enabled: boolean) {
  return useQuery({
    queryKey: ["api-schemas"],
    queryFn: async ({ signal }) => {
      const told = (await document("/openapi.json", signal)) as {
        components: { schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
      };
      return told.components.schemas;
    },
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** How secrets of channels are kept: by which key, and where that is from; of all projects. */
export function useSecrets() {
  return useQuery({ queryKey: ["alert-secrets"], queryFn: ({ signal }) => get("/api/v1/alert-secrets", { signal }) });
}

/** Seals all of them with a new key, and forgets the old one. */
export function useRotateSecrets() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: Schemas["Words"]) =>
      (await tell("POST", addressOf("/api/v1/alert-secrets/rotate", {}, {}), body)) as Schemas["SecretsState"],
    onSettled: () =>
      client.invalidateQueries({ predicate: ({ queryKey: [what] }) => what === "alert-secrets" || what === "alert-channels" }),
  });
}
