import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { get } from "../client";
import { FIRST_SPANS, STORY_MOST, traceOf } from "../first-page";
import { comesYet } from "../stored-soon";
import { atOnce, useAllPages, type When } from "./all-pages";
import { traceQuery } from "./trace";

const PAGE = 2500; // larger ones are read from their text for longer than a frame takes

export function storySpansQuery(project: string, traceId: string, most = STORY_MOST) {
  return infiniteQueryOptions({
    queryKey: ["story-spans", project, traceId],
    queryFn: ({ client, signal, pageParam }) => {
      if (!pageParam) return client.fetchQuery({ ...traceQuery(project, traceId, FIRST_SPANS), retry: comesYet }); // the header of the page is in the same answer
      const { path, query } = traceOf(project, traceId, Math.min(PAGE, most - pageParam));
      return get("/api/v1/traces/{trace_id}", { ...(path ? { path } : {}), query: { ...query, offset: pageParam }, signal });
    },
    initialPageParam: 0,
    getNextPageParam: (page) => ((page.next_offset ?? most) < most ? page.next_offset : null),
    structuralSharing: false, // thousands of spans are drawn sooner than compared
    placeholderData: () => undefined,
  });
}

/** The spans of a trace in tree order, page after page until all are there, or `most`. */
export function useStorySpans(project: string, traceId: string, wanted = true, most = STORY_MOST, when: When = atOnce) {
  const answer = useInfiniteQuery({ ...storySpansQuery(project, traceId, most), enabled: wanted });
  useAllPages(answer, when);
  return answer;
}
