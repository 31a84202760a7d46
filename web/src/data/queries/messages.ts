import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { get, type Schemas } from "../client";

export type TraceMessage = Schemas["TraceMessage"];

const PAGE = 1000;
const MOST_PAGES = 20;

/** What was said in a trace, each message once: page after page until all is there, or 20,000 messages. */
export function useTraceMessages(project: string, traceId: string) {
  const answer = useInfiniteQuery({
    queryKey: ["trace-messages", project, traceId],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/traces/{trace_id}/messages", {
        path: { trace_id: traceId },
        query: { project, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page, pages) => (pages.length < MOST_PAGES ? page.next_cursor : null),
    placeholderData: () => undefined,
  });
  const { hasNextPage, isFetching, isError, fetchNextPage } = answer;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  return answer;
}
