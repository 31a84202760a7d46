import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readTraceSearch } from "@/model/trace-search";

export const traceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "traces/$traceId",
  staticData: { title: "Trace" },
  validateSearch: readTraceSearch,
  component: lazyRouteComponent(() => import("./TracePage"), "TracePage"),
});
