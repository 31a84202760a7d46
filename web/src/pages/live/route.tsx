import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readLiveSearch } from "@/model/live-search";

export const liveRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "live",
  staticData: { title: "Live" },
  validateSearch: readLiveSearch,
  component: lazyPage(() => import("./LivePage"), "LivePage"),
});
