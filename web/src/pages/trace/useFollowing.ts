/** A trace is loaded before it is known how it is shown, and followed while it runs: what was said and done comes in by itself. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { traceMessagesQuery } from "@/data/queries/messages";
import type { Outlined } from "@/data/queries/outline";
import { storySpansQuery } from "@/data/queries/story-spans";

/** Asks for the begin of the story beside the tree, not after it. */
export function usePreparedStory(project: string, traceId: string, wanted: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!wanted) return;
    void client.prefetchInfiniteQuery(storySpansQuery(project, traceId));
    void client.prefetchInfiniteQuery(traceMessagesQuery(project, traceId));
  }, [client, project, traceId, wanted]);
}

/** When a trace that was awaited is stored, what was asked of it before has the answer of one that is not there: it is asked for anew. */
export function useArrival(project: string, traceId: string, awaited: boolean, there: boolean): void {
  const client = useQueryClient();
  const waited = useRef("");
  useEffect(() => {
    if (awaited) waited.current = traceId;
    if (!there || waited.current !== traceId) return;
    waited.current = "";
    for (const name of ["trace-messages", "raw"]) void client.resetQueries({ queryKey: [name, project, traceId] });
  }, [client, project, traceId, awaited, there]);
}

const FOLLOWED: ReadonlySet<unknown> = new Set(["trace", "story-spans", "trace-messages"]);

/** When the tree came with news and the trace still runs, everything else of it that is shown is asked for again. */
export function useFollowing(project: string, traceId: string, tree: Outlined | undefined, running: () => boolean): void {
  const client = useQueryClient();
  const first = useRef(tree);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each coming of news is a reason of its own
  useEffect(() => {
    first.current ??= tree; // what came with the first tree is on its way
    if (tree === first.current || !running()) return;
    const predicate = ({ queryKey: [name, one, other] }: { readonly queryKey: readonly unknown[] }) => {
      if (FOLLOWED.has(name)) return one === project && other === traceId;
      return (name === "span" || name === "span-messages") && (one as { readonly traceId?: string } | undefined)?.traceId === traceId;
    };
    void client.invalidateQueries({ predicate }, { cancelRefetch: false }); // begun anew each time, what fails would never come to an end, and never be told
  }, [tree]);
}
