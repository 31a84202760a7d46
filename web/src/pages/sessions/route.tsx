import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readSessionsSearch } from "@/model/sessions-search";

export const sessionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "sessions",
  staticData: { title: "Sessions" },
  validateSearch: readSessionsSearch,
  component: lazyRouteComponent(() => import("./SessionsPage"), "SessionsPage"),
});
