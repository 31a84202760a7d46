import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { embedRoute, shellRoute } from "@/app/root";
import { readPanelSearch } from "@/model/panel-search";

export const dashboardsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "dashboards",
  staticData: { title: "Dashboards" },
  component: lazyPage(() => import("./DashboardsPage"), "DashboardsPage"),
});

export const dashboardRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "dashboards/$id",
  staticData: { title: "Dashboard" },
  component: lazyPage(() => import("./DashboardPage"), "DashboardPage"),
});

export const embedDashboardRoute = createRoute({
  getParentRoute: () => embedRoute,
  path: "dashboards/$id",
  staticData: { title: "Dashboard" },
  component: lazyPage(() => import("./EmbeddedDashboard"), "EmbeddedDashboard"),
});

export const embedPanelRoute = createRoute({
  getParentRoute: () => embedRoute,
  path: "panel",
  staticData: { title: "Panel" },
  validateSearch: readPanelSearch,
  component: lazyPage(() => import("./EmbeddedPanel"), "EmbeddedPanel"),
});
