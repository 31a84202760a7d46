/** Whether more of a trace may come: some of its spans have not ended, or the last one ended a moment ago (many senders tell of a span only when it ends). */
import { parseTime } from "./format";

const QUIET_MS = 45_000;

interface Told {
  readonly pending: number;
  readonly start: string;
  readonly duration_ns: number;
}

export function stillRuns(trace: Told, nowMs: number): boolean {
  return trace.pending > 0 || nowMs - (parseTime(trace.start) + trace.duration_ns / 1e6) < QUIET_MS;
}

const MOST_MS = 30_000;

/** How long to wait before a trace of so many spans is asked for again, of which nothing new came for so long: who was silent for minutes is not looked at every few seconds. */
export function pollMs(spans: number, silentMs: number): number {
  const least = spans > 5000 ? 10_000 : 3000;
  return Math.min(MOST_MS, Math.max(least, silentMs / 10));
}
