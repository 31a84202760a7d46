import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { get, type Schemas } from "../client";

export type TraceMessage = Schemas["TraceMessage"];

const FIRST = 200; // what is read first shall not wait for the rest
const PAGE = 1000;
const MOST_PAGES = 20;

export function traceMessagesQuery(project: string, traceId: string) {
  return infiniteQueryOptions({
    queryKey: ["trace-messages", project, traceId],
    queryFn: ({ signal, pageParam }) => {
      const query = { project, ...(pageParam ? { limit: PAGE, cursor: pageParam } : { limit: FIRST }) };
      return get("/api/v1/traces/{trace_id}/messages", { path: { trace_id: traceId }, query, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page, pages) => (pages.length < MOST_PAGES ? page.next_cursor : null),
    structuralSharing: false,
    placeholderData: () => undefined,
  });
}

/** What was said in a trace, each message once: page after page until all is there, or 20,000 messages. */
export function useTraceMessages(project: string, traceId: string) {
  const answer = useInfiniteQuery(traceMessagesQuery(project, traceId));
  const { hasNextPage, isFetching, isError, fetchNextPage } = answer;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  return answer;
}
