import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
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
  component: lazyPage(() => import("./ReferencePage"), "ReferencePage"),
});
