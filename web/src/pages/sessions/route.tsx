import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readSessionsSearch } from "@/model/sessions-search";

export const sessionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "sessions",
  staticData: { title: "Sessions" },
  validateSearch: readSessionsSearch,
  component: lazyPage(() => import("./SessionsPage"), "SessionsPage"),
});
