/** What a page asks for before anything else, as pure values: its hooks ask with them, and so does early.ts before the page's code is there. */
import type { Asking } from "./client";
import type { Scope } from "./scope";

/** What a list of traces is sorted by; `order` left out: as is usual. */
export interface TraceSort {
  readonly sort?: TraceQuery["sort"] | undefined;
  readonly order?: TraceQuery["order"] | undefined;
}

type TraceQuery = NonNullable<Asking<"/api/v1/traces">["query"]>;

const TRACES = 50; // more than a screen holds: the first ones shall not wait for others
/** Of a story: what is read first shall not wait for the rest. */
export const FIRST_SPANS = 400;
const FIRST_MESSAGES = 200;
/** So many spans, and so many messages, are shown of a story until somebody wants more. */
export const STORY_MOST = 20_000;

export const MONTH = { query: { from: "-30d", to: "now", limit: 200 } } as const satisfies Asking<"/api/v1/projects">;

export const tracesOf = (scope: Scope, query: string, { sort = "start", order }: TraceSort): Asking<"/api/v1/traces"> => ({
  query: { ...scope, query, sort, ...(order ? { order } : {}), limit: TRACES },
});

export const traceOf = (project: string, traceId: string, limit: number): Asking<"/api/v1/traces/{trace_id}"> => ({
  path: { trace_id: traceId },
  query: { project, limit },
});

export const outlineOf = (project: string, traceId: string): Asking<"/api/v1/traces/{trace_id}/outline"> => ({
  path: { trace_id: traceId },
  query: { project },
});

export const messagesOf = (project: string, traceId: string): Asking<"/api/v1/traces/{trace_id}/messages"> => ({
  path: { trace_id: traceId },
  query: { project, limit: FIRST_MESSAGES },
});
