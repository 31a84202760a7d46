import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const sessionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "sessions/$sessionId",
  staticData: { title: "Session" },
  component: lazyRouteComponent(() => import("./SessionPage"), "SessionPage"),
});
