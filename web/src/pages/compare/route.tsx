import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readCompareSearch } from "@/model/compare-search";

export const compareRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "compare",
  staticData: { title: "Compare" },
  validateSearch: readCompareSearch,
  component: lazyRouteComponent(() => import("./ComparePage"), "ComparePage"),
});
