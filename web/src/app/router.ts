import { createRouter } from "@tanstack/react-router";
import { NotFound } from "@/components/NotFound";
import { PageError } from "@/components/PageError";
import { PageOnItsWay } from "@/components/PageOnItsWay";
import { parseSearch, stringifySearch } from "@/model/search-state";
import { routeTree } from "./routes";

export function makeRouter() {
  return createRouter({
    routeTree,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0, // the query cache decides
    defaultPendingComponent: PageOnItsWay,
    defaultPendingMs: 0, // the code of a page may take seconds to come, and nothing would be seen at all
    defaultPendingMinMs: 0,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: false, // pages scroll inside
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
