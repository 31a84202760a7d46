import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";

export const workflowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "workflows/$workflow",
  staticData: { title: "Workflow" },
  component: lazyPage(() => import("./WorkflowPage"), "WorkflowPage"),
});

export const workflowRunRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "workflows/runs/$traceId/$spanId",
  staticData: { title: "Run of a workflow" },
  component: lazyPage(() => import("./WorkflowRunPage"), "WorkflowRunPage"),
});
