/** What the address says of one trace: how it is looked at, and what is chosen. */
import { type RawSearch, readChoice, readText } from "./search-state";

export const VIEWS = ["transcript", "tree", "graph", "flame", "raw"] as const;
export type TraceView = (typeof VIEWS)[number];

export interface TraceSearch {
  /** Left out: the transcript where the trace has messages, else the tree. */
  readonly view?: TraceView | undefined;
  /** The chosen span, by id; every view shows the same one. */
  readonly span?: string | undefined;
  /** Inner spans of frameworks are shown, too. */
  readonly inner?: "1" | undefined;
}

export function readTraceSearch(raw: RawSearch): TraceSearch {
  const view = readChoice(raw["view"], VIEWS);
  const span = readText(raw["span"])?.toLowerCase();
  const inner = readChoice(raw["inner"], ["1"]);
  return { ...(view ? { view } : {}), ...(span && /^[0-9a-f]{16}$/.test(span) ? { span } : {}), ...(inner ? { inner } : {}) };
}
