import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Problem } from "@/components/Problem";
import { useLater } from "@/components/useLater";
import { asApiError } from "@/data/problem";
import { healthQuery, useHealth } from "@/data/queries/health";

const LATER_MS = 1000; // the page that is looked at asks first
const FROM_BEFORE = "What is shown is from before; it goes on by itself when the server is back.";
const GONE = new Error(`The server cannot be reached. ${FROM_BEFORE}`);
const MUTE = new Error(`The server does not answer. ${FROM_BEFORE}`);

/** That the server is away, on every page; when it is back, all that is on the screen is asked for again. */
export function Away() {
  const queries = useQueryClient();
  const health = useHealth(useLater(LATER_MS));
  const [away, tell] = useState<Error | null>(null);
  const was = useRef(false);
  const { isPending, error } = health;
  useEffect(() => {
    if (isPending) return; // who never had an answer, and asks again, knows no more than before
    const told = error ? asApiError(error) : null;
    tell(told?.passing ? (told.code === "timeout" ? MUTE : GONE) : null);
  }, [isPending, error]);
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
    if (was.current && !away) void askAnew(queries);
    was.current = away !== null;
  }, [away, queries]);
  return away ? <Problem error={away} /> : null;
}

/** What nobody has answered yet may wait on a connection that leads nowhere any more, and would go on to: it is begun anew. */
async function askAnew(queries: QueryClient): Promise<void> {
  await queries.cancelQueries({ type: "active", predicate: ({ state }) => state.data === undefined });
  await queries.invalidateQueries({ refetchType: "active" });
}
