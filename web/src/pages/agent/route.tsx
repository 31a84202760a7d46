import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readAgentSearch } from "@/model/definition";

export const agentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "agents/$agent",
  staticData: { title: "Agent" },
  validateSearch: readAgentSearch,
  component: lazyRouteComponent(() => import("./AgentPage"), "AgentPage"),
});
