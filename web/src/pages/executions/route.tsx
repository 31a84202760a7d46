import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readExecutionsSearch } from "@/model/execution";

export const executionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "executions",
  staticData: { title: "Executions" },
  validateSearch: readExecutionsSearch,
  component: lazyRouteComponent(() => import("./ExecutionsPage"), "ExecutionsPage"),
});
