/** uPlot in a React component: made anew when the lines change, drawn anew when only figures do. */
import { type RefObject, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type ChartData, type ChartLine, stack } from "@/model/chart";

export type ChartShape = "line" | "area" | "bar";

interface How {
  readonly scheme: "light" | "dark";
  readonly format: (value: number) => string;
  readonly shape: ChartShape;
  readonly onAt: (at: number | null) => void;
  readonly onSelect: ((from: number, to: number) => void) | undefined;
}

export interface Plot {
  /** Put the crosshair at a bucket, and mark the buckets from `mark` to it. */
  readonly point: (at: number | null, mark: number | null) => void;
}

const FONT = '11px "Inter Variable", system-ui, sans-serif';
// Least step between ticks, text, and what stands below it where a new day or year begins.
const TICKS: uPlot.Axis.Values = [
  [86_400e3 * 28, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400e3, "{MMM} {D}", null, null, null, null, null, null, 1],
  [60e3, "{HH}:{mm}", null, null, "\n{MMM} {D}", null, null, null, 1],
  [1e3, "{HH}:{mm}:{ss}", null, null, "\n{MMM} {D}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}.{fff}", null, null, null, null, null, null, 1],
];

export function usePlot(data: ChartData, how: How): { place: RefObject<HTMLDivElement | null>; plot: RefObject<Plot | null> } {
  const place = useRef<HTMLDivElement>(null);
  const made = useRef<uPlot | null>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef({ data, how });
  latest.current = { data, how };
  const looks = data.lines.map((one) => `${one.label}\n${one.colour}\n${one.look}`).join("\n\n");
  const drawn = data.timesMs.length > 0 && data.lines.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `looks` and `scheme` say when it has to be made anew; figures come by setData
  useEffect(() => {
    const element = place.current;
    if (!element || !drawn) return;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const one = new uPlot(options(element, latest, size()), figures(latest.current.data, how.shape), element);
    made.current = one;
    plot.current = { point: (at, mark) => point(one, at, mark) };
    const watch = new ResizeObserver(() => element.clientWidth && element.clientHeight && one.setSize(size()));
    watch.observe(element);
    return () => {
      watch.disconnect();
      one.destroy();
      made.current = null;
      plot.current = null;
    };
  }, [looks, how.scheme, how.shape, drawn]);
  useEffect(() => made.current?.setData(figures(data, how.shape)), [data, how.shape]);
  return { place, plot };
}

/** Stacked ones are drawn from the highest to the lowest, so that each is seen. */
function figures(data: ChartData, shape: ChartShape): uPlot.AlignedData {
  const lines = shape === "line" ? data.lines : [...stack(data.lines)].reverse();
  return [data.timesMs as number[], ...lines.map((line) => line.values as (number | null)[])];
}

function options(
  element: HTMLElement,
  latest: RefObject<{ data: ChartData; how: How }>,
  size: { width: number; height: number },
): uPlot.Options {
  const { how, data } = latest.current;
  const quiet = colourOf(element, "var(--text-quiet)");
  const rule = { stroke: colourOf(element, "var(--line)"), width: 1 };
  const lines = how.shape === "line" ? data.lines : [...data.lines].reverse();
  return {
    ...size,
    ms: 1,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: how.onSelect !== undefined, y: false, setScale: false },
      focus: { prox: -1 },
      sync: { key: "time", setSeries: false, filters: { pub: (type: string) => type === "mousemove" || type === "mouseleave" } },
    },
    scales: {
      x: { time: true, range: (_, first, last) => wholeBuckets(first, last, latest.current.data.bucketMs) },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), max > 0 ? max * 1.06 : 1] },
    },
    axes: [
      {
        stroke: quiet,
        font: FONT,
        grid: { show: false },
        ticks: { ...rule, size: 4 },
        values: TICKS,
        filter: (one, splits) => splits.filter((value) => endsWithin(one, value)), // only the last do not: those before keep their places
        space: 64,
        size: 38,
        gap: 4,
      },
      {
        stroke: quiet,
        font: FONT,
        grid: rule,
        ticks: { show: false },
        values: (_, splits) => splits.map((value) => latest.current.how.format(value)),
        size: (_, values) => 14 + Math.max(24, ...(values ?? []).map((text) => text.length * 6.4)),
        space: (_chart, _axis, _least, _most, room) => (room < 80 ? 16 : 30), // a low chart has two figures, too
        gap: 6,
      },
    ],
    series: [{}, ...lines.map((line) => look(colourOf(element, line.colour), how.shape, line.look))],
    bands: bands(element, data, how.shape),
    hooks: {
      setCursor: [(one) => latest.current.how.onAt(one.cursor.idx ?? null)],
      setSelect: [
        (one) => {
          if (one.select.width < 3) return;
          const from = one.posToIdx(one.select.left);
          const to = one.posToIdx(one.select.left + one.select.width);
          one.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.how.onSelect?.(from, to);
        },
      ],
    },
  };
}

/** From the begin of the first bucket to the end of the last. */
function wholeBuckets(firstMs: number | null, lastMs: number | null, bucketMs: number): uPlot.Range.MinMax {
  const begin = firstMs ?? 0;
  return [begin, Math.max(begin + 1, (lastMs ?? begin) + bucketMs)];
}

/** Whether the words below a time are not cut at the right edge. */
function endsWithin(one: uPlot, value: number): boolean {
  const { min = 0, max = 1 } = one.scales["x"] ?? {};
  const width = one.bbox.width / devicePixelRatio;
  return width <= 0 || ((value - (min ?? 0)) / ((max ?? 1) - (min ?? 0))) * width <= width - 12;
}

/** What lies between two of the lines, filled; nothing where one of them is hidden. */
function bands(element: HTMLElement, { lines, band }: ChartData, shape: ChartShape): uPlot.Band[] {
  const [low, high] = (band ?? []).map((label) => lines.findIndex((one) => one.label === label));
  if (shape !== "line" || low === undefined || high === undefined || low < 0 || high < 0) return [];
  const colour = colourOf(element, lines[low]?.colour ?? "");
  return [{ series: [high + 1, low + 1], fill: `color-mix(in srgb, ${colour} 18%, transparent)` }];
}

function look(colour: string, shape: ChartShape, as: ChartLine["look"]): uPlot.Series {
  if (as === "points") return { stroke: colour, width: 0, paths: () => null, points: { show: true, size: 9, width: 0, fill: colour } };
  if (as === "faint") return { stroke: `color-mix(in srgb, ${colour} 55%, transparent)`, width: 1, points: { show: false } };
  const bars = uPlot.paths.bars?.({ size: [0.82, 36], align: 1, radius: 0.12 });
  if (shape === "bar" && bars) return { stroke: colour, fill: colour, width: 0, paths: bars, points: { show: false } };
  // A figure between two gaps makes no line: it is drawn as a point.
  const lonely = (values: ArrayLike<number | null | undefined>) =>
    Array.from({ length: values.length }, (_, at) => at).filter(
      (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
    );
  return {
    stroke: colour,
    width: 1.5,
    ...(shape === "area" ? { fill: `color-mix(in srgb, ${colour} 24%, transparent)` } : {}),
    points: { show: true, size: 5, width: 0, fill: colour, filter: (one, series) => lonely(one.data[series] ?? []) },
  };
}

function point(one: uPlot, at: number | null, mark: number | null): void {
  const left = at === null ? -10 : one.valToPos(one.data[0][at] ?? 0, "x");
  one.setCursor({ left, top: 10 }, false);
  const from = mark === null ? left : one.valToPos(one.data[0][mark] ?? 0, "x");
  const width = at === null ? 0 : Math.abs(left - from);
  one.setSelect({ left: Math.min(left, from), top: 0, width, height: width ? one.over.clientHeight : 0 }, false);
}

/** A CSS colour, as a canvas understands it. */
function colourOf(element: HTMLElement, colour: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1];
  return name ? getComputedStyle(element).getPropertyValue(name).trim() || "#888" : colour;
}
