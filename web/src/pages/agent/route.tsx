import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const agentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "agents/$agent",
  staticData: { title: "Agent" },
  component: lazyRouteComponent(() => import("./AgentPage"), "AgentPage"),
});
