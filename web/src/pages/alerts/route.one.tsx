import { createRoute, redirect } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import type { RawSearch } from "@/model/search-state";

/** Where links in notices lead: the alert beside the list. */
export const oneAlertRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "alerts/$id",
  validateSearch: (search: RawSearch) => search,
  beforeLoad: ({ params, search }) => {
    throw redirect({ to: "/alerts", search: { ...search, alert: params.id } as never, replace: true });
  },
});
