import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const workflowsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "workflows",
  staticData: { title: "Workflows" },
  component: lazyRouteComponent(() => import("./WorkflowsPage"), "WorkflowsPage"),
});
