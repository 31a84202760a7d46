import { createRouter } from "@tanstack/react-router";
import { NotFound } from "@/components/NotFound";
import { PageError } from "@/components/PageError";
import { parseSearch, stringifySearch } from "@/model/search-state";
import { routeTree } from "./routes";

export function makeRouter() {
  return createRouter({
    routeTree,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0, // the query cache decides
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
