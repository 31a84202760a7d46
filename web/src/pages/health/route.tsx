import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readHealthSearch } from "@/model/health-search";

export const healthRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "standing",
  staticData: { title: "Health" },
  validateSearch: readHealthSearch,
  component: lazyPage(() => import("./HealthPage"), "HealthPage"),
});
