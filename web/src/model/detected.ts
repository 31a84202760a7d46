/** What stands out in an agent's past. In: the API's answer, every bucket with its band. Out: a chart with the figure as a line within its band, and what stands out as points. */
import { type ChartData, type ChartLine, NO_CHART } from "./chart";
import { count, duration, money, parseTime, percent } from "./format";

export const FIGURES = ["calls", "failures", "duration", "output_tokens", "cost"] as const;
export type Figure = (typeof FIGURES)[number];

export const BUDGETS = ["0.1", "1", "10"] as const;
export type Budget = (typeof BUDGETS)[number];

export const FIGURE_WORDS: Readonly<Record<Figure, string>> = {
  calls: "calls",
  failures: "share of failing calls",
  duration: "median time of a call",
  output_tokens: "tokens out of a call",
  cost: "cost of a call",
};

interface Point {
  readonly time: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly channels: readonly string[];
}

interface Told {
  readonly figure: string;
  readonly bucket_s: number;
  readonly items: readonly Point[];
}

const LOW = "expected from";
const HIGH = "expected to";

/** A band without a lower end begins with zero: no figure here is less. */
export function detectedChart({ figure, bucket_s, items }: Told): ChartData {
  if (!items.length) return NO_CHART;
  const changed = (point: Point) => point.channels.includes("change");
  const line = (label: string, colour: string, value: (point: Point) => number | null, look?: ChartLine["look"]): ChartLine => ({
    label,
    colour,
    values: items.map(value),
    ...(look ? { look } : {}),
  });
  const lines = [
    line(LOW, "var(--status-ok)", (point) => (point.high === null ? null : (point.low ?? 0)), "faint"),
    line(HIGH, "var(--status-ok)", (point) => point.high, "faint"),
    line(figureWords(figure), "var(--kind-agent)", (point) => point.value),
    line("stands out", "var(--status-error)", (point) => (point.channels.length && !changed(point) ? point.value : null), "points"),
    line("follows another law from here", "var(--status-warning)", (point) => (changed(point) ? point.value : null), "points"),
  ];
  return {
    timesMs: items.map((point) => parseTime(point.time)),
    bucketMs: bucket_s * 1000,
    band: [LOW, HIGH],
    lines: lines.filter((one) => one.values.some((value) => value !== null)),
  };
}

const HOUR_S = 3600;
const MOST_BUCKETS = 1500;
const USUAL_BUCKETS = 300;
const STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, HOUR_S, 2 * HOUR_S, 6 * HOUR_S, 12 * HOUR_S] as const;

/** Seconds of a bucket for a time so long: a minute, which is what analyzers judge by, more where that were too many, less where it were too few. */
export function bucketOf(rangeS: number): number {
  const [least, most] = rangeS <= HOUR_S ? [0, USUAL_BUCKETS] : [60, MOST_BUCKETS];
  return STEPS_S.find((step) => step >= least && rangeS / step <= most) ?? 24 * HOUR_S;
}

const ENOUGH_CALLS = 200;

/** Whether there is likely enough to say what is usual, so that nobody has to ask for it. */
export function isKnown({ model_calls }: { readonly model_calls: number }): boolean {
  return model_calls >= ENOUGH_CALLS;
}

export function figureWords(figure: string): string {
  return FIGURE_WORDS[figure as Figure] ?? figure;
}

/** How values of a unit that the API tells are written. */
export function formatOfDetected(unit: string): (value: number) => string {
  if (unit === "ns") return duration;
  if (unit === "1") return percent;
  return unit === "USD" ? money : count;
}

/** The figure that findings are about most lately, where it is one that can be looked at. */
export function figureOf(findings: readonly { readonly metric: string }[]): Figure {
  return findings.map(({ metric }) => FIGURES.find((one) => one === metric)).find((one) => one !== undefined) ?? "duration";
}
