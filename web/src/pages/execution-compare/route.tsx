import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readCompareRuns } from "@/model/execution";

export const compareExecutionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "executions/compare",
  staticData: { title: "Two executions" },
  validateSearch: readCompareRuns,
  component: lazyPage(() => import("./CompareExecutionsPage"), "CompareExecutionsPage"),
});
