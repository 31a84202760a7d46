import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readRuleSearch } from "@/model/alerts-search";

export const alertRuleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "alerts/rule",
  staticData: { title: "Alert rule" },
  validateSearch: readRuleSearch,
  component: lazyPage(() => import("./RulePage"), "RulePage"),
});
