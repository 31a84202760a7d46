/** The time axis of a trace: which part is in sight, where a bar lies in it, which times are written above. All times are ns after the trace's begin. */

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Shares of the width, 0 to 1; null: not in sight. */
export interface BarPlace {
  readonly left: number;
  readonly width: number;
}

const LEAST_NS = 1000;

export function wholeOf(end: number): Stretch {
  return { from: 0, to: Math.max(end, 1) };
}

/** Where a span lies within what is in sight. */
export function barPlace(start: number, took: number, sight: Stretch): BarPlace | null {
  const span = sight.to - sight.from;
  const left = Math.max(0, (start - sight.from) / span);
  const right = Math.min(1, (start + took - sight.from) / span);
  return right < 0 || left > 1 || right < left ? null : { left, width: right - left };
}

/** Times to write above: round ones, at most `most`. */
export function ticks(sight: Stretch, most: number): readonly number[] {
  const rough = (sight.to - sight.from) / Math.max(1, most);
  const step = roundStep(rough);
  const found: number[] = [];
  for (let at = Math.ceil(sight.from / step) * step; at <= sight.to; at += step) found.push(at);
  return found;
}

/** Clock steps above a minute (15 s, 30 s, 1 min, 5 min …), decimal ones below. */
function roundStep(rough: number): number {
  const second = 1e9;
  if (rough > 10 * second) {
    const steps = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
    const found = steps.find((step) => step * second >= rough);
    return (found ?? Math.ceil(rough / (86_400 * second)) * 86_400) * second;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return power * ([1, 2, 5, 10].find((step) => step * power >= rough) ?? 10);
}

/** Closer (`factor` < 1) or further, with the time at share `at` of the width staying where it is. */
export function zoomed(sight: Stretch, factor: number, at: number, end: number): Stretch {
  const before = sight.to - sight.from;
  const span = Math.min(Math.max(before * factor, LEAST_NS), wholeOf(end).to);
  const fixed = sight.from + before * at;
  return kept({ from: fixed - span * at, to: fixed + span * (1 - at) }, end);
}

/** Moved by a share of what is in sight. */
export function panned(sight: Stretch, share: number, end: number): Stretch {
  const by = (sight.to - sight.from) * share;
  return kept({ from: sight.from + by, to: sight.to + by }, end);
}

/** The stretch between two shares of the width, however they are ordered; null: too narrow to mean it. */
export function between(sight: Stretch, one: number, other: number, end: number): Stretch | null {
  if (Math.abs(one - other) < 0.01) return null;
  const span = sight.to - sight.from;
  const from = sight.from + span * Math.min(one, other);
  return kept({ from, to: Math.max(from + LEAST_NS, sight.from + span * Math.max(one, other)) }, end);
}

function kept(sight: Stretch, end: number): Stretch {
  const whole = wholeOf(end);
  const span = Math.min(sight.to - sight.from, whole.to);
  const from = Math.min(Math.max(0, sight.from), whole.to - span);
  return { from, to: from + span };
}
