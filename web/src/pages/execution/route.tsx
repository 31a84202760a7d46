import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readTravelSearch } from "@/model/moments";

export const executionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "executions/$executionId",
  staticData: { title: "Execution" },
  validateSearch: readTravelSearch,
  component: lazyPage(() => import("./ExecutionPage"), "ExecutionPage"),
});
