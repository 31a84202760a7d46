/** Runs before the rest of the app is there: begins to ask for what the page of this address shows first, and to load that page's code. Pages work without it, only later. */
import { begin } from "@/data/client";
import { FIRST_SPANS, MONTH, messagesOf, outlineOf, traceOf, tracesOf } from "@/data/first-page";
import { parseSearch, projectOf, rangeOf, readShared } from "@/model/search-state";
import { readTraceSearch, tellsStory } from "@/model/trace-search";
import { readTracesSearch } from "@/model/traces-search";

const raw = parseSearch(location.search);
const shared = readShared(raw);
const project = projectOf(shared);
const traceId = /^\/traces\/([0-9a-fA-F]{32})$/.exec(location.pathname)?.[1];

if (traceId) beginTrace(traceId);
else if (location.pathname === "/traces") beginList();
else if (location.pathname === "/") {
  begin("/api/v1/projects", MONTH);
  beginList(); // where it leads to, nearly always
}

function beginList(): void {
  const { query = "", sort, order } = readTracesSearch(raw);
  const { from, to } = rangeOf(shared);
  begin("/api/v1/traces", tracesOf({ project, from, to }, query, { sort, order }));
}

function beginTrace(id: string): void {
  const story = tellsStory(readTraceSearch(raw).view);
  void import("@/pages/trace/TracePage").catch(() => undefined); // the router tells of it when it fails again
  begin("/api/v1/traces/{trace_id}/outline", outlineOf(project, id));
  begin("/api/v1/traces/{trace_id}", traceOf(project, id, story ? FIRST_SPANS : 1));
  if (story) begin("/api/v1/traces/{trace_id}/messages", messagesOf(project, id));
}
