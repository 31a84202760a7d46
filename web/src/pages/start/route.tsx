import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { type RawSearch, readText } from "@/model/search-state";

export const startRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "start",
  staticData: { title: "Connect" },
  validateSearch: (raw: RawSearch): { with?: string | undefined } => {
    const chosen = readText(raw["with"], 40);
    return chosen ? { with: chosen } : {};
  },
  component: lazyPage(() => import("./StartPage"), "StartPage"),
});
