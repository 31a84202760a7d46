import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readFindingsSearch } from "@/model/findings-search";

export const findingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "findings",
  staticData: { title: "Findings" },
  validateSearch: readFindingsSearch,
  component: lazyPage(() => import("./FindingsPage"), "FindingsPage"),
});
