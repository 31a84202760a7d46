import { createRoute } from "@tanstack/react-router";
import { embedRoute } from "@/app/root";
import { readTracesSearch } from "@/model/traces-search";
import { TracesPage } from "./TracesPage";

export const embedTracesRoute = createRoute({
  getParentRoute: () => embedRoute,
  path: "traces",
  staticData: { title: "Traces" },
  validateSearch: readTracesSearch,
  component: TracesPage,
});
