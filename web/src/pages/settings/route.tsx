import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { type RawSearch, readText } from "@/model/search-state";

interface SettingsSearch {
  /** What is looked for. */
  readonly find?: string | undefined;
  /** Only what somebody set. */
  readonly set?: "1" | undefined;
}

export function readSettingsSearch(raw: RawSearch): SettingsSearch {
  const find = readText(raw["find"], 200);
  return { ...(find ? { find } : {}), ...(readText(raw["set"], 1) === "1" ? { set: "1" } : {}) };
}

export const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "settings",
  staticData: { title: "Settings" },
  validateSearch: readSettingsSearch,
  component: lazyPage(() => import("./SettingsPage"), "SettingsPage"),
});
