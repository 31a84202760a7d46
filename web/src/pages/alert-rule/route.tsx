import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readRuleSearch } from "@/model/alerts-search";

export const alertRuleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "alerts/rule",
  staticData: { title: "Alert rule" },
  validateSearch: readRuleSearch,
  component: lazyRouteComponent(() => import("./RulePage"), "RulePage"),
});
