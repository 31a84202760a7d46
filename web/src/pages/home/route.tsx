import { createRoute, redirect } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { projectsQuery } from "@/data/queries/projects";
import { queries } from "@/data/query-client";

/** `/` leads to the traces, or to the start page where no agent ever sent anything: figures of this machine come by themselves. */
export const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: async () => {
    const projects = await queries.ensureQueryData(projectsQuery).catch(() => null);
    throw redirect({ to: projects?.items.every((one) => one.spans + one.events === 0) ? "/start" : "/traces", replace: true });
  },
});
