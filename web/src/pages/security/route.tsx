import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readSecuritySearch } from "@/model/security-search";

export const securityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "security",
  staticData: { title: "Security" },
  validateSearch: readSecuritySearch,
  component: lazyPage(() => import("./SecurityPage"), "SecurityPage"),
});
