import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readAgentsSearch } from "@/model/agents-search";

export const agentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "agents",
  staticData: { title: "Agents" },
  validateSearch: readAgentsSearch,
  component: lazyRouteComponent(() => import("./AgentsPage"), "AgentsPage"),
});
