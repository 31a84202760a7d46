import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const toolsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "tools",
  staticData: { title: "Tools" },
  component: lazyRouteComponent(() => import("./ToolsPage"), "ToolsPage"),
});
