/** A flame graph: every span in a lane below its parent's, side by side where they ran at once. */
import type { TraceRows } from "./trace-rows";

export interface Flame {
  /** Lane of each row; -1: not drawn. */
  readonly lane: Int32Array;
  readonly lanes: number;
  /** Per lane its rows by start: what a pointer is over is found by halving. */
  readonly byLane: readonly (readonly number[])[];
}

const MOST_LANES = 400; // below that things overlap: nobody reads a graph of 400 parallel spans

/** Each span takes the first lane below its parent's that is free when it starts. Rows for which `shown` says no have no lane; their children stand below their parent. */
export function layFlame(trace: TraceRows, shown: (row: number) => boolean = () => true): Flame {
  const { start_ns, duration_ns } = trace.outline;
  const lane = new Int32Array(trace.length).fill(-1);
  const below = new Int32Array(trace.length);
  const busy: number[] = [];
  const byLane: number[][] = [];
  for (const row of inOrder(trace)) {
    const parent = trace.parent[row] ?? -1;
    const first = parent >= 0 ? (below[parent] ?? 0) : 0;
    if (!shown(row)) {
      below[row] = first;
      continue;
    }
    const start = start_ns[row] ?? 0;
    let at = first;
    while (at < MOST_LANES && (busy[at] ?? Number.NEGATIVE_INFINITY) > start) at += 1;
    lane[row] = at;
    below[row] = at + 1;
    busy[at] = Math.max(busy[at] ?? 0, start + (duration_ns[row] ?? 0));
    while (byLane.length <= at) byLane.push([]);
    byLane[at]?.push(row);
  }
  return { lane, lanes: byLane.length, byLane };
}

/** The row at a lane and a time, within `slack` ns; -1: none. */
export function rowAt(flame: Flame, trace: TraceRows, lane: number, at: number, slack: number): number {
  const rows = flame.byLane[lane] ?? [];
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((trace.outline.start_ns[rows[middle] ?? 0] ?? 0) <= at + slack) low = middle + 1;
    else high = middle;
  }
  const row = rows[low - 1];
  if (row === undefined) return -1;
  return (trace.outline.start_ns[row] ?? 0) + (trace.outline.duration_ns[row] ?? 0) + slack >= at ? row : -1;
}

export type Step = "up" | "down" | "left" | "right";

/** Where an arrow key leads from a row: to its parent, its longest child, or its neighbour in the lane; the row itself where there is none. */
export function stepInFlame(flame: Flame, trace: TraceRows, row: number, step: Step): number {
  if (row < 0) return flame.byLane[0]?.[0] ?? -1;
  if (step === "up") {
    let above = trace.parent[row] ?? -1;
    while (above >= 0 && (flame.lane[above] ?? -1) < 0) above = trace.parent[above] ?? -1;
    return above >= 0 ? above : row;
  }
  if (step === "down") return longestBelow(flame, trace, row);
  const rows = flame.byLane[flame.lane[row] ?? -1] ?? [];
  return rows[rows.indexOf(row) + (step === "left" ? -1 : 1)] ?? row;
}

function longestBelow(flame: Flame, trace: TraceRows, row: number): number {
  const past = row + (trace.outline.descendants[row] ?? 0);
  let best = row;
  let most = -1;
  for (let one = row + 1; one <= past; one += 1) {
    if ((flame.lane[one] ?? -1) < 0) continue;
    const took = trace.outline.duration_ns[one] ?? 0;
    if (took > most) [best, most] = [one, took];
    one += trace.outline.descendants[one] ?? 0;
  }
  return best;
}

/** Rows by their start; parents before children that start with them, as they come first in the tree. */
function inOrder(trace: TraceRows): Int32Array {
  const { start_ns } = trace.outline;
  // A child whose clock is behind starts with its parent: it must find the parent's lane.
  const start = new Float64Array(trace.length);
  for (let row = 0; row < trace.length; row++) start[row] = Math.max(start_ns[row] ?? 0, start[trace.parent[row] ?? -1] ?? 0);
  return Int32Array.from(start.keys()).sort((one, other) => (start[one] ?? 0) - (start[other] ?? 0) || one - other);
}
