import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readProcessSearch } from "@/model/evidence-search";

export const processRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "traces/$traceId/process",
  staticData: { title: "Process" },
  validateSearch: readProcessSearch,
  component: lazyRouteComponent(() => import("./ProcessPage"), "ProcessPage"),
});
