import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readAlertsSearch } from "@/model/alerts-search";

export const alertsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "alerts",
  staticData: { title: "Alerts" },
  validateSearch: readAlertsSearch,
  component: lazyPage(() => import("./AlertsPage"), "AlertsPage"),
});
