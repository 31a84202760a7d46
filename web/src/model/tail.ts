/** The newest records of a live tail: bounded, held back while one reads, with the rate at which they come. */

export interface Tail<T> {
  /** Newest first. */
  readonly shown: readonly T[];
  /** Came while it was paused, newest first. */
  readonly held: readonly T[];
  /** Came while it was paused, and are not kept any more. */
  readonly dropped: number;
}

export const EMPTY_TAIL: Tail<never> = { shown: [], held: [], dropped: 0 };
const MOST = 2000;

/** What came (oldest first) on top of what is there. */
export function arrived<T>(tail: Tail<T>, came: readonly T[], paused: boolean): Tail<T> {
  if (!came.length) return tail;
  const newest = came.toReversed();
  if (!paused) return { ...tail, shown: [...newest, ...tail.shown].slice(0, MOST) };
  const held = [...newest, ...tail.held];
  return { ...tail, held: held.slice(0, MOST), dropped: tail.dropped + Math.max(0, held.length - MOST) };
}

/** What waited is shown. */
export function resumed<T>(tail: Tail<T>): Tail<T> {
  return { shown: [...tail.held, ...tail.shown].slice(0, MOST), held: [], dropped: 0 };
}

/** Records a second over the last `spanMs`, from the moments at which some came. */
export function rate(arrivals: readonly { readonly atMs: number; readonly count: number }[], nowMs: number, spanMs = 5000): number {
  return arrivals.reduce((sum, one) => sum + (nowMs - one.atMs < spanMs ? one.count : 0), 0) / (spanMs / 1000);
}
