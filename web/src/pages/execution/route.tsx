import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readTravelSearch } from "@/model/moments";

export const executionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "executions/$executionId",
  staticData: { title: "Execution" },
  validateSearch: readTravelSearch,
  component: lazyRouteComponent(() => import("./ExecutionPage"), "ExecutionPage"),
});
