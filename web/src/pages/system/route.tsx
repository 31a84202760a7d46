import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";

export const systemRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "system",
  staticData: { title: "System" },
  component: lazyPage(() => import("./SystemPage"), "SystemPage"),
});
