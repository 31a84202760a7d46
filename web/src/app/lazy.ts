/** Pages and parts of them whose code comes when they are opened; also when the server was away just then. */
import { lazyRouteComponent } from "@tanstack/react-router";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { patient } from "@/data/code";

/** For `component` of a route: what `bring` gives under this name. */
export function lazyPage<Module extends Record<string, unknown>, Name extends keyof Module & string>(
  bring: () => Promise<Module>,
  name: Name,
) {
  return lazyRouteComponent(patient(bring), name);
}

/** A part of a page, below a Suspense. */
// biome-ignore lint/suspicious/noExplicitAny: any component, with the properties that it has
export function lazyPart<Part extends ComponentType<any>>(bring: () => Promise<Part>): LazyExoticComponent<Part> {
  return lazy(patient(() => bring().then((part) => ({ default: part }))));
}
