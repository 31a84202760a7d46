import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readFindingsSearch } from "@/model/findings-search";

export const findingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "findings",
  staticData: { title: "Findings" },
  validateSearch: readFindingsSearch,
  component: lazyRouteComponent(() => import("./FindingsPage"), "FindingsPage"),
});
