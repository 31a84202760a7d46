import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { get } from "../client";

const PAGE = 5000;
const MOST_PAGES = 4;

/** The spans of a trace in tree order, page after page until all are there, or 20,000; asked for only when wanted. */
export function useStorySpans(project: string, traceId: string, wanted = true) {
  const answer = useInfiniteQuery({
    queryKey: ["story-spans", project, traceId],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/traces/{trace_id}", { path: { trace_id: traceId }, query: { project, limit: PAGE, offset: pageParam }, signal }),
    enabled: wanted,
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (pages.length < MOST_PAGES ? page.next_offset : null),
    placeholderData: () => undefined,
  });
  const { hasNextPage, isFetching, isError, fetchNextPage } = answer;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  return answer;
}
