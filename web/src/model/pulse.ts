/** Figures over time as bars of a small chart: buckets without anything become zero, so that the axis is even. */
import { parseTime } from "./format";
import type { Bounds } from "./time-range";

export interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: number;
}

const MOST_BARS = 400;

/** One bar for each bucket that touches the bounds; `value` of a bucket nobody told is 0. */
export function bars<T extends { readonly time: string }>(
  points: readonly T[],
  bucketS: number,
  { fromMs, toMs }: Bounds,
  figure: (point: T) => number,
): readonly Bar[] {
  const step = bucketS * 1000;
  if (step <= 0) return [];
  const first = Math.floor(fromMs / step) * step;
  const number = Math.min(MOST_BARS, Math.max(1, Math.ceil((toMs - first) / step)));
  const told = new Map<number, number>();
  for (const point of points) {
    const at = Math.floor((parseTime(point.time) - first) / step);
    told.set(at, (told.get(at) ?? 0) + figure(point));
  }
  return Array.from({ length: number }, (_, at) => ({
    fromMs: first + at * step,
    toMs: first + (at + 1) * step,
    value: told.get(at) ?? 0,
  }));
}

/** Heights between 0 and 1; what is there at all is at least `least` high, so that one error is seen beside a thousand. */
export function heights(all: readonly Bar[], least = 0.04): readonly number[] {
  const top = all.reduce((most, bar) => Math.max(most, bar.value), 0);
  return all.map((bar) => (top > 0 && bar.value > 0 ? Math.max(least, bar.value / top) : 0));
}
