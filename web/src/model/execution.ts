/** How executions stand: the words of the API, their tones, and how old one is. */
import { type RawSearch, readChoices, readText } from "./search-state";

export const STATUSES = ["created", "running", "waiting", "stalled", "succeeded", "failed", "cancelled", "abandoned"] as const;
export type ExecutionStatus = (typeof STATUSES)[number];
export type Tone = "ok" | "warning" | "error" | "unset" | "pending";

export const GOING = ["created", "running", "waiting", "stalled"] as const satisfies readonly ExecutionStatus[];

const TONES: Readonly<Record<ExecutionStatus, Tone>> = {
  created: "unset",
  running: "pending",
  waiting: "warning",
  stalled: "error",
  succeeded: "ok",
  failed: "error",
  cancelled: "unset",
  abandoned: "warning",
};

export function toneOf(status: ExecutionStatus): Tone {
  return TONES[status];
}

/** Whether it has not ended, and was not given up. */
export function isGoing(status: string): boolean {
  return (GOING as readonly string[]).includes(status);
}

interface Aged {
  readonly status: string;
  readonly duration_ns: number;
}

/** How long it took, or has been going on: of one that goes on the time since the answer (`heldMs`) is added. The viewer's clock does not matter. */
export function ageNs({ status, duration_ns }: Aged, heldMs: number): number {
  return isGoing(status) ? duration_ns + Math.max(0, heldMs) * 1e6 : duration_ns;
}

/** How many there are of each status. */
export function countsOf(
  items: readonly { readonly status: ExecutionStatus; readonly count: number }[],
): ReadonlyMap<ExecutionStatus, number> {
  return new Map(items.map(({ status, count }) => [status, count]));
}

/** Names to choose from: all that were found, and what is chosen though it was not found; each once, sorted. */
export function choicesOf(found: readonly string[], chosen: string | undefined): readonly string[] {
  return [...new Set([...found, ...(chosen ? [chosen] : [])])].filter(Boolean).sort((a, b) => a.localeCompare(b));
}

export interface ExecutionsSearch {
  readonly query?: string | undefined;
  readonly status?: readonly ExecutionStatus[] | undefined;
  readonly agent?: string | undefined;
}

export function readExecutionsSearch(raw: RawSearch): ExecutionsSearch {
  const query = readText(raw["query"]);
  const status = readChoices(raw["status"], STATUSES);
  const agent = readText(raw["agent"], 256);
  return { ...(query ? { query } : {}), ...(status ? { status } : {}), ...(agent ? { agent } : {}) };
}

export interface CompareRunsSearch {
  readonly a?: string | undefined;
  readonly b?: string | undefined;
}

export function readCompareRuns(raw: RawSearch): CompareRunsSearch {
  const a = readText(raw["a"]);
  const b = readText(raw["b"]);
  return { ...(a ? { a } : {}), ...(b ? { b } : {}) };
}
