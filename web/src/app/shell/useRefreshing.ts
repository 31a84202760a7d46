import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { useShared } from "@/app/scope";

/** Asks again for all that is on the screen, by itself every so many seconds where the address says so; gives what does it at once. */
export function useRefreshing(): () => void {
  const queries = useQueryClient();
  const { refresh: seconds } = useShared();
  const refresh = useCallback(() => void queries.invalidateQueries({ refetchType: "active" }), [queries]);
  useEffect(() => {
    if (!seconds) return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && refresh(), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, refresh]);
  return refresh;
}
