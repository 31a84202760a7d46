/** Figures over time: lines, areas or bars, with a crosshair that all charts of a page share. A drag zooms; arrows walk, Shift marks, Enter zooms; the table says the same in numbers. */
import { ActionIcon, useComputedColorScheme } from "@mantine/core";
import { IconTable } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { type ChartData, covered, hasFigures } from "@/model/chart";
import { chartMoment } from "@/model/format-chart";
import { ChartLegend } from "./ChartLegend";
import { ChartTable } from "./ChartTable";
import styles from "./TimeChart.module.css";
import { useChartKeys } from "./useChartKeys";
import { type ChartShape, usePlot } from "./usePlot";

interface Props {
  readonly label: string;
  readonly data: ChartData;
  readonly format: (value: number) => string;
  readonly shape?: ChartShape;
  /** Pixels of the drawing; left out: what is left of the parent. */
  readonly height?: number;
  readonly onZoom?: (fromMs: number, toMs: number) => void;
  readonly legend?: boolean;
  readonly loading?: boolean;
  /** It could not be had, as is told beside it: whether there is nothing is not known. */
  readonly failed?: boolean;
  readonly stale?: boolean;
  /** Beside the table's button. */
  readonly actions?: ReactNode;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

export function TimeChart(props: Props) {
  const {
    label,
    data,
    format,
    shape = "line",
    height,
    onZoom,
    legend = true,
    loading = false,
    failed = false,
    stale = false,
    actions,
  } = props;
  const scheme = useComputedColorScheme("light");
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [asTable, setAsTable] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const mark = useRef<number | null>(null);
  const told = hasFigures(data);
  // Of nothing there is no scale.
  const shown = useMemo(() => ({ ...data, lines: told ? data.lines.filter((one) => !hidden.has(one.label)) : [] }), [data, hidden, told]);
  const zoom = (from: number, to: number) => {
    const range = covered(data, from, to);
    if (range && onZoom) onZoom(range.fromMs, range.toMs);
  };
  const { place, plot } = usePlot(shown, { scheme, format, shape, onAt: setAt, onSelect: onZoom ? zoom : undefined });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other times, other places
  useEffect(() => setAt(null), [data.timesMs]);
  const walk = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const last = data.timesMs.length - 1;
    if (step !== undefined && last >= 0) {
      event.preventDefault();
      const next = Math.min(last, Math.max(0, (at ?? (step > 0 ? -1 : last + 1)) + step));
      if (event.shiftKey && onZoom) mark.current ??= at ?? next;
      else mark.current = null;
      setAt(next);
      plot.current?.point(next, mark.current);
    } else if (event.key === "Enter" && mark.current !== null && at !== null) {
      zoom(mark.current, at);
      mark.current = null;
    } else if (event.key === "Escape") {
      mark.current = null;
      setAt(null);
      plot.current?.point(null, null);
    }
  };
  const toggle = (line: string) =>
    setHidden((before) => new Set(before.has(line) ? [...before].filter((one) => one !== line) : [...before, line]));
  const empty = !loading && !told;
  useChartKeys(!empty && !asTable && data.timesMs.length > 0, onZoom !== undefined);
  return (
    <figure className={styles.chart} style={{ opacity: stale ? 0.6 : 1 }} aria-label={label} aria-busy={loading || stale}>
      <figcaption className={styles.head}>
        <span className={`${styles.label} cut`} title={label}>
          {label}
        </span>
        <span className={`${styles.moment} numbers`} aria-live="polite">
          {at === null ? "" : chartMoment(data.timesMs[at])}
        </span>
        <ActionIcon
          size={22}
          onClick={() => setAsTable(!asTable)}
          aria-pressed={asTable}
          aria-label={`${label} as a table`}
          title="As a table"
        >
          <IconTable size={14} />
        </ActionIcon>
        {actions}
      </figcaption>
      <div
        ref={place}
        className={styles.plot}
        style={height === undefined ? { flex: "1 1 0", minHeight: 60 } : { height }}
        hidden={asTable}
        role="slider"
        tabIndex={empty ? -1 : 0}
        aria-label={`${label} over time`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, data.timesMs.length - 1)}
        aria-valuenow={at ?? 0}
        aria-valuetext={at === null ? "no time chosen" : said(shown, at, format)}
        onKeyDown={walk}
        onBlur={() => plot.current?.point(null, null)}
      >
        {empty ? <span className={styles.empty}>{failed ? "Not to be had just now" : "Nothing in this time"}</span> : null}
        {loading && !told ? <span className={styles.empty}>Loading…</span> : null}
      </div>
      {asTable ? <ChartTable label={label} data={data} format={format} height={height} /> : null}
      {legend && data.lines.length > 0 && !empty ? (
        <ChartLegend data={data} at={at} hidden={hidden} format={format} onToggle={toggle} />
      ) : null}
    </figure>
  );
}

function said(data: ChartData, at: number, format: (value: number) => string): string {
  const values = data.lines.map((one) => `${one.label} ${typeof one.values[at] === "number" ? format(one.values[at]) : "nothing"}`);
  return `${chartMoment(data.timesMs[at])}: ${values.join(", ")}`;
}
