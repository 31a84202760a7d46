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
    // Where an answer takes longer than that it is waited for: begun anew each time it would never be there.
    const again = () => void queries.invalidateQueries({ refetchType: "active" }, { cancelRefetch: false });
    const timer = setInterval(() => document.visibilityState === "visible" && again(), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, queries]);
  return refresh;
}
