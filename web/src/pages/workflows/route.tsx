import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";

export const workflowsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "workflows",
  staticData: { title: "Workflows" },
  component: lazyPage(() => import("./WorkflowsPage"), "WorkflowsPage"),
});
