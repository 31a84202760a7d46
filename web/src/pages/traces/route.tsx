import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readTracesSearch } from "@/model/traces-search";

export const tracesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "traces",
  staticData: { title: "Traces" },
  validateSearch: readTracesSearch,
  component: lazyRouteComponent(() => import("./TracesPage"), "TracesPage"),
});
