import { queryOptions, useQuery } from "@tanstack/react-query";
import { get } from "../client";
import { MONTH } from "../first-page";

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => get("/api/v1/projects", { ...MONTH, signal }),
  staleTime: 60_000,
});

/** Projects that got anything within the last 30 days; asked for when they are wanted, because a month is looked through for them. */
export function useProjects(wanted: boolean) {
  return useQuery({ ...projectsQuery, enabled: wanted });
}
