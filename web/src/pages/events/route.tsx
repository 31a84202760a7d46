import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readEventsSearch } from "@/model/live-search";

export const eventsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "logs",
  staticData: { title: "Events" },
  validateSearch: readEventsSearch,
  component: lazyPage(() => import("./EventsPage"), "EventsPage"),
});
