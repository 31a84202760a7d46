import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { sessionQuery } from "@/model/session";
import { get, type Schemas } from "../client";
import type { Scope } from "../scope";

export type Session = Schemas["Session"];

const PAGE = 100;
const MOST_TURNS = 1000;

/** Sessions that were active in the range, latest first, page by page. */
export function useSessions(scope: Scope, query: string) {
  return useInfiniteQuery({
    queryKey: ["sessions", scope, query],
    queryFn: ({ signal, pageParam }) =>
      get("/api/v1/sessions", { query: { ...scope, query, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** One session: what it came to. */
export function useSession(project: string, sessionId: string) {
  return useQuery({
    queryKey: ["session", project, sessionId],
    queryFn: ({ signal }) => get("/api/v1/sessions/{session_id}", { path: { session_id: sessionId }, query: { project }, signal }),
    placeholderData: () => undefined,
  });
}

/** The traces of a session, first to last; of very long ones the latest 1000, and whether there are more. */
export function useSessionTraces(project: string, session: Session | undefined) {
  return useQuery({
    queryKey: ["session-traces", project, session?.session_id, session?.start, session?.end],
    queryFn: async ({ signal }) => {
      const { session_id, start, end } = session as Session;
      const query = { project, limit: MOST_TURNS, ...sessionQuery(session_id, start, end) };
      const found = await get("/api/v1/traces", { query, signal });
      return { traces: [...found.items].reverse(), more: found.next_cursor !== null };
    },
    enabled: session !== undefined,
    placeholderData: () => undefined,
  });
}
