import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const workflowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "workflows/$workflow",
  staticData: { title: "Workflow" },
  component: lazyRouteComponent(() => import("./WorkflowPage"), "WorkflowPage"),
});

export const workflowRunRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "workflows/runs/$traceId/$spanId",
  staticData: { title: "Run of a workflow" },
  component: lazyRouteComponent(() => import("./WorkflowRunPage"), "WorkflowRunPage"),
});
