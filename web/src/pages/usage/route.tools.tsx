import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";

export const toolsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "tools",
  staticData: { title: "Tools" },
  component: lazyPage(() => import("./ToolsPage"), "ToolsPage"),
});
