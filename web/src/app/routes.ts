/** Every page, one line each; a page's own file says its path, its search parameters and where its code is. */
import { homeRoute } from "@/pages/home/route";
import { referenceRoute } from "@/pages/reference/route";
import { startRoute } from "@/pages/start/route";
import { traceRoute } from "@/pages/trace/route";
import { tracesRoute } from "@/pages/traces/route";
import { embedTracesRoute } from "@/pages/traces/route.embed";
import { embedRoute, rootRoute, shellRoute } from "./root";

export const routeTree = rootRoute.addChildren([
  shellRoute.addChildren([homeRoute, startRoute, tracesRoute, traceRoute, referenceRoute]),
  embedRoute.addChildren([embedTracesRoute]),
]);
