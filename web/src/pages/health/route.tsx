import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readHealthSearch } from "@/model/health-search";

export const healthRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "standing",
  staticData: { title: "Health" },
  validateSearch: readHealthSearch,
  component: lazyRouteComponent(() => import("./HealthPage"), "HealthPage"),
});
