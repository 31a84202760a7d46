import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { get } from "../client";

const FIRST = 400; // what is read first shall not wait for the rest
const PAGE = 5000;
const MOST = 20_000;

export function storySpansQuery(project: string, traceId: string) {
  return infiniteQueryOptions({
    queryKey: ["story-spans", project, traceId],
    queryFn: ({ signal, pageParam }) => {
      const query = { project, limit: pageParam ? PAGE : FIRST, offset: pageParam };
      return get("/api/v1/traces/{trace_id}", { path: { trace_id: traceId }, query, signal });
    },
    initialPageParam: 0,
    getNextPageParam: (page) => ((page.next_offset ?? MOST) < MOST ? page.next_offset : null),
    structuralSharing: false, // thousands of spans are drawn sooner than compared
    placeholderData: () => undefined,
  });
}

/** The spans of a trace in tree order, page after page until all are there, or 20,000; asked for only when wanted. */
export function useStorySpans(project: string, traceId: string, wanted = true) {
  const answer = useInfiniteQuery({ ...storySpansQuery(project, traceId), enabled: wanted });
  const { hasNextPage, isFetching, isError, fetchNextPage } = answer;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  return answer;
}
