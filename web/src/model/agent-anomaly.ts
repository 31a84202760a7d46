/**
 * Where an agent stood out, over its own figures. In: events of findings about it, and series of its spans and calls. Out: a chart with the figure as a line, what was
 * found as points, and the band that was expected as it was told at the nearest finding.
 */
import { type ChartData, type ChartLine, type ChartPoint, line } from "./chart";
import { measureOf } from "./finding-details";
import { words } from "./findings";
import { parseTime } from "./format";

export interface Outlier {
  readonly timeMs: number;
  readonly figure: string;
  readonly unit: string;
  readonly observed: number;
  readonly expected: readonly [number, number] | null;
}

interface Told {
  readonly time: string;
  readonly source: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Findings that measured a figure, latest first; who else tells events by that name is not believed. */
export function outliersOf(events: readonly Told[]): readonly Outlier[] {
  return events.flatMap(({ time, source, attributes }) => {
    const { observed, expected } = measureOf(attributes);
    const figure = attributes["spyglass.finding.metric"];
    const unit = attributes["spyglass.finding.unit"];
    const timeMs = parseTime(time);
    if (source !== "spyglass.server" || observed === null || typeof figure !== "string" || !figure || Number.isNaN(timeMs)) return [];
    return [{ timeMs, figure, unit: typeof unit === "string" ? unit : "", observed, expected }];
  });
}

/** Each figure in which something stood out, with how often; the latest first. */
export function figuresOf(outliers: readonly Outlier[]): readonly { readonly name: string; readonly count: number }[] {
  const found = new Map<string, number>();
  for (const { figure } of outliers) found.set(figure, (found.get(figure) ?? 0) + 1);
  return [...found].map(([name, count]) => ({ name, count }));
}

export interface SpanFigures extends ChartPoint {
  readonly count: number;
  readonly errors: number;
  readonly sum_ns: number;
}

export interface CallFigures extends ChartPoint {
  readonly count: number;
  readonly cost_usd: number;
  readonly output_tokens: number;
}

export interface Series {
  /** Model and tool calls as spans. */
  readonly spans: readonly SpanFigures[];
  /** Model calls, each once. */
  readonly calls: readonly CallFigures[];
}

type Drawn = (series: Series, timesMs: readonly number[], bucketS: number) => ChartLine["values"];

const share = (above: number, below: number) => (below > 0 ? above / below : null);
const ofSpans =
  (value: (point: SpanFigures, bucketS: number) => number | null, fill: number | null): Drawn =>
  ({ spans }, timesMs, bucketS) =>
    line(spans, timesMs, (point) => value(point, bucketS), fill, "", "").values;
const ofCalls =
  (value: (point: CallFigures) => number | null): Drawn =>
  ({ calls }, timesMs) =>
    line(calls, timesMs, value, null, "", "").values;

// As the analyzer measures them, in its units; per minute or per call whatever the bucket is.
const FIGURES: Readonly<Record<string, Drawn>> = {
  calls: ofSpans((point, bucketS) => point.count / (bucketS / 60), 0),
  failures: ofSpans((point) => share(point.errors, point.count), null),
  duration: ofSpans((point) => share(point.sum_ns / 1e9, point.count), null),
  output_tokens: ofCalls((point) => share(point.output_tokens, point.count)),
  cost: ofCalls((point) => share(point.cost_usd, point.count)),
};

const WORDS: Readonly<Record<string, string>> = {
  calls: "calls a minute",
  failures: "share of failing calls",
  duration: "mean time of a call",
  first_token: "time to the first token",
  output_tokens: "tokens out of a call",
  cost: "cost of a call",
};

export function figureWords(figure: string): string {
  return WORDS[figure] ?? words(figure);
}

const LOW = "expected from";
const HIGH = "expected to";

/** One figure over the time. What there is no series of has only its points and its band. */
export function anomalyChart(
  outliers: readonly Outlier[],
  figure: string,
  series: Series,
  timesMs: readonly number[],
  bucketS: number,
): ChartData {
  const found = outliers.filter((one) => one.figure === figure);
  const banded = found.filter((one) => one.expected !== null);
  const at = (side: 0 | 1) => timesMs.map((ms) => nearest(banded, ms + bucketS * 500)?.expected?.[side] ?? null);
  const points: (number | null)[] = timesMs.map(() => null);
  const first = timesMs[0] ?? 0;
  for (const one of found) {
    // A minute is told of when it is over.
    const place = Math.floor((one.timeMs - 1 - first) / (bucketS * 1000));
    const before = points[place];
    if (before === undefined) continue;
    if (before === null || strangeness(one) > strangeness({ ...one, observed: before })) points[place] = one.observed;
  }
  const drawn = FIGURES[figure];
  return {
    timesMs,
    bucketMs: bucketS * 1000,
    band: [LOW, HIGH],
    lines: [
      ...(banded.length
        ? [
            { label: LOW, colour: "var(--status-ok)", values: at(0), look: "faint" as const },
            { label: HIGH, colour: "var(--status-ok)", values: at(1), look: "faint" as const },
          ]
        : []),
      ...(drawn ? [{ label: figureWords(figure), colour: "var(--kind-agent)", values: drawn(series, timesMs, bucketS) }] : []),
      { label: "stood out", colour: "var(--status-error)", values: points, look: "points" as const },
    ],
  };
}

/** How far outside of what was expected. */
function strangeness({ observed, expected }: Outlier): number {
  if (!expected) return Math.abs(observed);
  return Math.max(expected[0] - observed, observed - expected[1]);
}

function nearest(outliers: readonly Outlier[], ms: number): Outlier | undefined {
  let found: Outlier | undefined;
  for (const one of outliers) if (!found || Math.abs(one.timeMs - ms) < Math.abs(found.timeMs - ms)) found = one;
  return found;
}
