import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { embedRoute, shellRoute } from "@/app/root";
import { readPanelSearch } from "@/model/panel-search";

export const dashboardsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "dashboards",
  staticData: { title: "Dashboards" },
  component: lazyRouteComponent(() => import("./DashboardsPage"), "DashboardsPage"),
});

export const dashboardRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "dashboards/$id",
  staticData: { title: "Dashboard" },
  component: lazyRouteComponent(() => import("./DashboardPage"), "DashboardPage"),
});

export const embedDashboardRoute = createRoute({
  getParentRoute: () => embedRoute,
  path: "dashboards/$id",
  staticData: { title: "Dashboard" },
  component: lazyRouteComponent(() => import("./EmbeddedDashboard"), "EmbeddedDashboard"),
});

export const embedPanelRoute = createRoute({
  getParentRoute: () => embedRoute,
  path: "panel",
  staticData: { title: "Panel" },
  validateSearch: readPanelSearch,
  component: lazyRouteComponent(() => import("./EmbeddedPanel"), "EmbeddedPanel"),
});
