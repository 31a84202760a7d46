/** The routes that others hang below: the shell with navigation and header, and `/embed` without either. */
import { createRootRoute, createRoute, Outlet, retainSearchParams, type SearchSchemaInput } from "@tanstack/react-router";
import { NotFound } from "@/components/NotFound";
import { PageError } from "@/components/PageError";
import { type RawSearch, readShared, type SharedSearch } from "@/model/search-state";
import { lazyPage } from "./lazy";
import { Shell } from "./shell/Shell";

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** Of the tab and of the header. */
    title?: string;
  }
}

export const rootRoute = createRootRoute({
  validateSearch: (raw: RawSearch & SearchSchemaInput): SharedSearch => readShared(raw),
  search: { middlewares: [retainSearchParams(["project", "from", "to", "refresh"])] },
  component: Outlet,
});

export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  component: Shell,
  errorComponent: PageError,
});

/** Any other address: the navigation stays. */
export const nowhereRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "$",
  staticData: { title: "No such page" },
  component: NotFound,
});

/** Below it: anything that shall open without chrome, in an iframe. */
export const embedRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "embed",
  component: lazyPage(() => import("./shell/Embed"), "Embed"),
  errorComponent: PageError,
});
