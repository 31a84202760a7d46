import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const traceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "traces/$traceId",
  staticData: { title: "Trace" },
  component: lazyRouteComponent(() => import("./TracePage"), "TracePage"),
});
