import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { addressOf, get, type Schemas, tell } from "../client";

export type SavedKind = "views" | "dashboards" | "queries";
export type SavedThing = Schemas["SavedThing"];

export function savedQuery(project: string, kind: SavedKind) {
  return queryOptions({
    queryKey: ["saved", project, kind],
    queryFn: ({ signal }) => get("/api/v1/saved/{kind}", { path: { kind }, query: { project }, signal }),
    staleTime: 30_000,
  });
}

/** What people saved of a kind, by name; asked for when it is wanted. */
export function useSaved(project: string, kind: SavedKind, wanted = true) {
  return useQuery({ ...savedQuery(project, kind), enabled: wanted });
}

export interface Change {
  readonly name: string;
  readonly body: SavedThing["body"];
  /** What is changed, as it was seen; left out: something new. A `version_conflict` says that somebody else changed it meanwhile. */
  readonly before?: Pick<SavedThing, "id" | "version">;
}

/** Save something new or changed, or delete it; the list is asked for again, also where it failed. */
export function useChangeSaved(project: string, kind: SavedKind) {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ["saved", project, kind] });
  const save = useMutation({
    mutationFn: ({ name, body, before }: Change) =>
      before
        ? tell("PUT", addressOf("/api/v1/saved/{kind}/{id}", { kind, id: before.id }, { project }), { name, body, version: before.version })
        : tell("POST", addressOf("/api/v1/saved/{kind}", { kind }, { project }), { name, body }),
    onSettled,
  });
  const remove = useMutation({
    mutationFn: (id: string) => tell("DELETE", addressOf("/api/v1/saved/{kind}/{id}", { kind, id }, { project })),
    onSettled,
  });
  return { save, remove };
}
