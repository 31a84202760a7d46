import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readCompareRuns } from "@/model/execution";

export const compareExecutionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "executions/compare",
  staticData: { title: "Two executions" },
  validateSearch: readCompareRuns,
  component: lazyRouteComponent(() => import("./CompareExecutionsPage"), "CompareExecutionsPage"),
});
