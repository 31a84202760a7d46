import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readEventsSearch } from "@/model/live-search";

export const eventsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "logs",
  staticData: { title: "Events" },
  validateSearch: readEventsSearch,
  component: lazyRouteComponent(() => import("./EventsPage"), "EventsPage"),
});
