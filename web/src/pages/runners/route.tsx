import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

/** Not `/runners`: that is the API's, at the root as well. */
export const runnersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "system/runners",
  staticData: { title: "Runners" },
  component: lazyRouteComponent(() => import("./RunnersPage"), "RunnersPage"),
});
