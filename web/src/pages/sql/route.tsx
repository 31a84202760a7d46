import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readSqlSearch } from "@/model/sql-search";

export const sqlRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "sql",
  staticData: { title: "SQL" },
  validateSearch: readSqlSearch,
  component: lazyPage(() => import("./SqlPage"), "SqlPage"),
});
