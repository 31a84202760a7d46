/** Figures over time as series of one chart. In: points of the API with a time, a group and figures. Out: even times and a line for each group; buckets that nobody told are filled. */
import { parseTime } from "./format";
import type { Bounds } from "./time-range";

export interface ChartLine {
  readonly label: string;
  /** A CSS colour. */
  readonly colour: string;
  /** One for each time; null: nothing is known. */
  readonly values: readonly (number | null)[];
  /** Left out: a line. `points`: each figure by itself. `faint`: an edge of a band. */
  readonly look?: "points" | "faint";
}

export interface ChartData {
  readonly timesMs: readonly number[];
  readonly bucketMs: number;
  readonly lines: readonly ChartLine[];
  /** Labels of two lines between which all is filled, the lower first. */
  readonly band?: readonly [string, string];
}

export interface ChartPoint {
  readonly time: string;
  readonly group: Readonly<Record<string, string>>;
}

export const NO_CHART: ChartData = { timesMs: [], bucketMs: 0, lines: [] };

/** Colours of lines that have no meaning of their own, in their order. */
export const LINE_COLOURS = [
  "var(--accent)",
  "var(--kind-tool)",
  "var(--kind-guardrail)",
  "var(--kind-embedding)",
  "var(--kind-memory)",
  "var(--kind-retriever)",
  "var(--kind-llm)",
  "var(--kind-evaluator)",
] as const;

const MOST_TIMES = 2000;

/** The start of each bucket that touches the bounds; where there were too many, only the last ones. */
export function bucketTimes(bucketS: number, { fromMs, toMs }: Bounds): readonly number[] {
  const step = bucketS * 1000;
  if (step <= 0) return [];
  const last = Math.ceil(toMs / step) - 1;
  const first = Math.max(Math.floor(fromMs / step), last - MOST_TIMES + 1);
  return Array.from({ length: Math.max(1, last - first + 1) }, (_, at) => (first + at) * step);
}

/** One line from points that are not grouped. `fill` stands where nobody told anything: 0 for what is counted, null for what is measured. */
export function line<P extends ChartPoint>(
  points: readonly P[],
  timesMs: readonly number[],
  value: (point: P) => number | null | undefined,
  fill: number | null,
  label: string,
  colour: string,
): ChartLine {
  const values: (number | null)[] = timesMs.map(() => fill);
  const [first = 0, second = first + 1] = timesMs;
  for (const point of points) {
    const at = Math.round((parseTime(point.time) - first) / (second - first));
    const told = value(point);
    if (at >= 0 && at < values.length && told !== null && told !== undefined) values[at] = fill === null ? told : (values[at] ?? 0) + told;
  }
  return { label, colour, values };
}

/** A line for each group, largest first; what goes beyond `most` is one line `others` where it can be added up, else left out. */
export function groupLines<P extends ChartPoint>(
  points: readonly P[],
  timesMs: readonly number[],
  value: (point: P) => number | null | undefined,
  fill: number | null,
  most: number = LINE_COLOURS.length,
): readonly ChartLine[] {
  const groups = new Map<string, P[]>();
  for (const point of points) {
    const name = groupName(point.group);
    const before = groups.get(name);
    if (before) before.push(point);
    else groups.set(name, [point]);
  }
  const size = (all: readonly P[]) => all.reduce((sum, point) => sum + Math.abs(value(point) ?? 0), 0);
  const sorted = [...groups]
    .map(([name, all]) => ({ name, all, size: size(all) }))
    .sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
  const told = fill === 0 ? sorted.filter((one) => one.size > 0) : sorted; // of a sum, nothing is no line
  const shown = told.length ? told : sorted;
  const kept = shown.length > most ? shown.slice(0, most - 1) : shown;
  const lines = kept.map(({ name, all }, at) =>
    line(all, timesMs, value, fill, name, LINE_COLOURS[at % LINE_COLOURS.length] ?? LINE_COLOURS[0]),
  );
  const rest = shown.slice(kept.length).flatMap(({ all }) => all);
  if (!rest.length || fill === null) return lines;
  return [...lines, line(rest, timesMs, value, fill, `${shown.length - kept.length} others`, "var(--text-quiet)")];
}

/** `llm · gpt-4.1`; what has no value is `none`. */
export function groupName(group: Readonly<Record<string, string>>): string {
  return (
    Object.values(group)
      .map((value) => value || "none")
      .join(" · ") || "all"
  );
}

/** Each line on top of those before it, for areas and bars. */
export function stack(lines: readonly ChartLine[]): readonly ChartLine[] {
  const sums: number[] = [];
  return lines.map((one) => ({
    ...one,
    values: one.values.map((value, at) => {
      sums[at] = (sums[at] ?? 0) + (value ?? 0);
      return sums[at] ?? null;
    }),
  }));
}

/** The moments that a drag from one bucket to another covers. */
export function covered(data: ChartData, from: number, to: number): Bounds | null {
  const first = data.timesMs[Math.min(from, to)];
  const last = data.timesMs[Math.max(from, to)];
  return first === undefined || last === undefined ? null : { fromMs: first, toMs: last + data.bucketMs };
}

/** Whether there is anything to see. */
export function hasFigures(data: ChartData): boolean {
  return data.lines.some((one) => one.values.some((value) => value !== null && value !== 0));
}
