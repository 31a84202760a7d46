import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { embedRoute } from "@/app/root";
import { readTracesSearch } from "@/model/traces-search";

export const embedTracesRoute = createRoute({
  getParentRoute: () => embedRoute,
  path: "traces",
  staticData: { title: "Traces" },
  validateSearch: readTracesSearch,
  component: lazyRouteComponent(() => import("./TracesPage"), "TracesPage"),
});
