import { queryOptions, useQuery } from "@tanstack/react-query";
import { get } from "../client";

const MONTH = { from: "-30d", to: "now" } as const;

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => get("/api/v1/projects", { query: { ...MONTH, limit: 200 }, signal }),
  staleTime: 60_000,
});

/** Projects that got anything within the last 30 days; asked for when they are wanted, because a month is looked through for them. */
export function useProjects(wanted: boolean) {
  return useQuery({ ...projectsQuery, enabled: wanted });
}
