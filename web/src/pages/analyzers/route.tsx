import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";

export const analyzersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "analyzers",
  staticData: { title: "Analyzers" },
  component: lazyPage(() => import("./AnalyzersPage"), "AnalyzersPage"),
});
