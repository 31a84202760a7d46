import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readSecuritySearch } from "@/model/security-search";

export const securityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "security",
  staticData: { title: "Security" },
  validateSearch: readSecuritySearch,
  component: lazyRouteComponent(() => import("./SecurityPage"), "SecurityPage"),
});
