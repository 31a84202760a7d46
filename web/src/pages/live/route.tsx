import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readLiveSearch } from "@/model/live-search";

export const liveRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "live",
  staticData: { title: "Live" },
  validateSearch: readLiveSearch,
  component: lazyRouteComponent(() => import("./LivePage"), "LivePage"),
});
