import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readAgentsSearch } from "@/model/agents-search";

export const agentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "agents",
  staticData: { title: "Agents" },
  validateSearch: readAgentsSearch,
  component: lazyPage(() => import("./AgentsPage"), "AgentsPage"),
});
