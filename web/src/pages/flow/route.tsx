import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readFlowSearch } from "@/model/flow-search";

export const flowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "flow",
  staticData: { title: "Flow" },
  validateSearch: readFlowSearch,
  component: lazyPage(() => import("./FlowPage"), "FlowPage"),
});
