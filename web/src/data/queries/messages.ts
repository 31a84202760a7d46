import { infiniteQueryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import { FIRST_SPANS, messagesOf, STORY_MOST } from "../first-page";
import { atOnce, useAllPages, type When } from "./all-pages";
import { traceQuery } from "./trace";

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
export function useTraceMessages(project: string, traceId: string, most = STORY_MOST, when: When = atOnce) {
  const answer = useInfiniteQuery(traceMessagesQuery(project, traceId, most));
  useAllPages(answer, when);
  return answer;
}

/** All that the first model call of a trace was told and said, and the last one, new or not. */
export function useOuterCalls(project: string, traceId: string, wanted: boolean) {
  return useQuery({
    queryKey: ["outer-calls", project, traceId],
    queryFn: async ({ client, signal }) => {
      const { items } = await client.fetchQuery(traceQuery(project, traceId, FIRST_SPANS));
      const calls = items.filter((span) => span.kind === "llm").sort((one, other) => (one.start < other.start ? -1 : 1));
      const told = async (call: (typeof calls)[number] | undefined) => {
        if (!call) return [];
        const path = { trace_id: traceId, span_id: call.span_id };
        return (await get("/api/v1/traces/{trace_id}/spans/{span_id}/messages", { path, query: { project }, signal })).items;
      };
      const [first, last] = await Promise.all([told(calls[0]), told(calls.at(-1))]);
      return { first, last };
    },
    enabled: wanted,
    placeholderData: () => undefined,
  });
}
