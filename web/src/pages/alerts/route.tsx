import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readAlertsSearch } from "@/model/alerts-search";

export const alertsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "alerts",
  staticData: { title: "Alerts" },
  validateSearch: readAlertsSearch,
  component: lazyRouteComponent(() => import("./AlertsPage"), "AlertsPage"),
});
