import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export const analyzersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "analyzers",
  staticData: { title: "Analyzers" },
  component: lazyRouteComponent(() => import("./AnalyzersPage"), "AnalyzersPage"),
});
