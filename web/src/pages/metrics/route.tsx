import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readMetricsSearch } from "@/model/metrics-search";

export const metricsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "explore/metrics",
  staticData: { title: "Metrics" },
  validateSearch: readMetricsSearch,
  component: lazyPage(() => import("./MetricsPage"), "MetricsPage"),
});
