/** How answers are kept: for as long as the tab lives and somebody looks; old ones stay on the screen until new ones are there. */
import { keepPreviousData, QueryClient } from "@tanstack/react-query";
import { passes, waitMs } from "./again";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      gcTime: 300_000,
      refetchOnWindowFocus: false,
      retry: passes,
      retryDelay: waitMs,
      placeholderData: keepPreviousData,
      networkMode: "always", // a server on this machine answers without a network
    },
    mutations: { retry: false, networkMode: "always" },
  },
});
