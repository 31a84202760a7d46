import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { get, type Schemas } from "../client";
import { messagesOf, STORY_MOST } from "../first-page";

export type TraceMessage = Schemas["TraceMessage"];

const PAGE = 1000;

export function traceMessagesQuery(project: string, traceId: string, most = STORY_MOST) {
  return infiniteQueryOptions({
    queryKey: ["trace-messages", project, traceId],
    queryFn: ({ signal, pageParam }) => {
      const first = messagesOf(project, traceId);
      const query = { ...first.query, ...pageParam };
      return get("/api/v1/traces/{trace_id}/messages", { ...first, query, signal });
    },
    initialPageParam: {} as { readonly cursor?: string; readonly limit?: number },
    getNextPageParam: ({ next_cursor: cursor }, pages) => {
      const left = most - pages.reduce((sum, page) => sum + page.items.length, 0);
      return cursor && left > 0 ? { cursor, limit: Math.min(PAGE, left) } : null;
    },
    structuralSharing: false,
    placeholderData: () => undefined,
  });
}

/** What was said in a trace, each message once: page after page until all is there, or `most` messages. */
export function useTraceMessages(project: string, traceId: string, most = STORY_MOST) {
  const answer = useInfiniteQuery(traceMessagesQuery(project, traceId, most));
  const { hasNextPage, isFetching, isError, fetchNextPage } = answer;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  return answer;
}
