import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { type RawSearch, readText } from "@/model/search-state";

export const referenceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "docs",
  staticData: { title: "API" },
  validateSearch: (raw: RawSearch): { find?: string | undefined } => {
    const find = readText(raw["find"], 100);
    return find ? { find } : {};
  },
  component: lazyRouteComponent(() => import("./ReferencePage"), "ReferencePage"),
});
