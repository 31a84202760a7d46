import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";

export const sessionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "sessions/$sessionId",
  staticData: { title: "Session" },
  component: lazyPage(() => import("./SessionPage"), "SessionPage"),
});
