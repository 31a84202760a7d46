import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readAgentSearch } from "@/model/definition";

export const agentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "agents/$agent",
  staticData: { title: "Agent" },
  validateSearch: readAgentSearch,
  component: lazyPage(() => import("./AgentPage"), "AgentPage"),
});
