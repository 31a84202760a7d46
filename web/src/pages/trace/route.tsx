import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "@/app/lazy";
import { shellRoute } from "@/app/root";
import { readEvidenceSearch } from "@/model/evidence-search";
import type { RawSearch } from "@/model/search-state";
import { readTraceSearch } from "@/model/trace-search";

export const traceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "traces/$traceId",
  staticData: { title: "Trace" },
  validateSearch: (raw: RawSearch) => ({ ...readTraceSearch(raw), ...readEvidenceSearch(raw) }),
  component: lazyPage(() => import("./TracePage"), "TracePage"),
});
