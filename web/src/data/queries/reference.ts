import { useQuery } from "@tanstack/react-query";
import { document } from "../client";

/** The OpenAPI document of this server. */
export function useReference() {
  return useQuery({
    queryKey: ["openapi"],
    queryFn: ({ signal }) => document("/openapi.json", signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
