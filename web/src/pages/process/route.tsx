import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readProcessSearch } from "@/model/evidence-search";

export const processRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "traces/$traceId/process",
  staticData: { title: "Process" },
  validateSearch: readProcessSearch,
  component: lazyPage(() => import("./ProcessPage"), "ProcessPage"),
});
