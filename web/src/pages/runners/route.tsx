import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";

/** Not `/runners`: that is the API's, at the root as well. */
export const runnersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "system/runners",
  staticData: { title: "Runners" },
  component: lazyPage(() => import("./RunnersPage"), "RunnersPage"),
});
