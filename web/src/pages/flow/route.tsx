import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readFlowSearch } from "@/model/flow-search";

export const flowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "flow",
  staticData: { title: "Flow" },
  validateSearch: readFlowSearch,
  component: lazyRouteComponent(() => import("./FlowPage"), "FlowPage"),
});
