import { createRoute, redirect } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { projectsQuery } from "@/data/queries/projects";
import { queries } from "@/data/query-client";

/** `/` leads to the traces, or to the start page where nothing was ever sent. */
export const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: async () => {
    const projects = await queries.ensureQueryData(projectsQuery).catch(() => null);
    throw redirect({ to: projects?.items.length === 0 ? "/start" : "/traces", replace: true });
  },
});
