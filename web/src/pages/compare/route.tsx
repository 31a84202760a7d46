import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readCompareSearch } from "@/model/compare-search";

export const compareRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "compare",
  staticData: { title: "Compare" },
  validateSearch: readCompareSearch,
  component: lazyPage(() => import("./ComparePage"), "ComparePage"),
});
