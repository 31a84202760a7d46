import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readSqlSearch } from "@/model/sql-search";

export const sqlRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "sql",
  staticData: { title: "SQL" },
  validateSearch: readSqlSearch,
  component: lazyRouteComponent(() => import("./SqlPage"), "SqlPage"),
});
