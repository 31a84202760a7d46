import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Problem } from "@/components/Problem";
import { useLater } from "@/components/useLater";
import { asApiError } from "@/data/problem";
import { healthQuery, useHealth } from "@/data/queries/health";

const LATER_MS = 1000; // the page that is looked at asks first
const WORDS = new Error("The server cannot be reached. What is shown is from before; it goes on by itself when the server is back.");

/** That the server is away, on every page; when it is back, all that is on the screen is asked for again. */
export function Away() {
  const queries = useQueryClient();
  const health = useHealth(useLater(LATER_MS));
  const away = health.error !== null && asApiError(health.error).passing;
  const was = useRef(false);
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        if (event.type !== "updated" || event.action.type !== "failed" || event.query.queryKey[0] === healthQuery.queryKey[0]) return;
        // Another question found nobody: whether that is all of the server is to be known now, not at the next look at its health.
        if (asApiError(event.action.error).code === "unreachable") void queries.refetchQueries(healthQuery, { cancelRefetch: false });
      }),
    [queries],
  );
  useEffect(() => {
    if (was.current && !away) void queries.invalidateQueries({ refetchType: "active" });
    was.current = away;
  }, [away, queries]);
  return away ? <Problem error={WORDS} /> : null;
}
