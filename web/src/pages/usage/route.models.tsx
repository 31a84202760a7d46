import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { type RawSearch, readText } from "@/model/search-state";

export const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "models",
  staticData: { title: "Models" },
  validateSearch: (raw: RawSearch): { price?: string | undefined } => {
    const price = readText(raw["price"], 100);
    return price ? { price } : {};
  },
  component: lazyPage(() => import("./ModelsPage"), "ModelsPage"),
});
