import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readExecutionsSearch } from "@/model/execution";

export const executionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "executions",
  staticData: { title: "Executions" },
  validateSearch: readExecutionsSearch,
  component: lazyPage(() => import("./ExecutionsPage"), "ExecutionsPage"),
});
