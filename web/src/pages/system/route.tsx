import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const systemRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "system",
  staticData: { title: "System" },
  component: lazyRouteComponent(() => import("./SystemPage"), "SystemPage"),
});
