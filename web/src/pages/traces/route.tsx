import { createRoute } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { readTracesSearch } from "@/model/traces-search";
import { TracesPage } from "./TracesPage";

export const tracesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "traces",
  staticData: { title: "Traces" },
  validateSearch: readTracesSearch,
  component: TracesPage, // where nearly everybody begins: not a file of its own
});
