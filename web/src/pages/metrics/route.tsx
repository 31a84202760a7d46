import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readMetricsSearch } from "@/model/metrics-search";

export const metricsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "explore/metrics",
  staticData: { title: "Metrics" },
  validateSearch: readMetricsSearch,
  component: lazyRouteComponent(() => import("./MetricsPage"), "MetricsPage"),
});
