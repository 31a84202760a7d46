import { type ReactNode, useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { BarList } from "@/components/BarList";
import { Failed } from "@/components/Failed";
import { ResultTable } from "@/components/ResultTable";
import { Skeleton } from "@/components/Skeleton";
import { TimeChart } from "@/components/TimeChart";
import { type PanelAnswer, type PanelPoint, usePanel } from "@/data/queries/panel";
import { bucketTimes, type ChartData, groupLines, NO_CHART } from "@/model/chart";
import { isSum, type Panel } from "@/model/dashboards";
import { count } from "@/model/format";
import { formatOfFigure, formatOfUnit } from "@/model/format-chart";
import { asBars, overTime } from "@/model/sql-answer";
import { between, bounds } from "@/model/time-range";
import styles from "./Dashboard.module.css";

interface Props {
  readonly panel: Panel;
  /** In the head of a chart; figures and tables have none of their own. */
  readonly actions?: ReactNode;
}

/** What one panel shows. */
export function PanelView({ panel, actions }: Props) {
  const scope = useScope();
  const change = useChangeShared();
  const answer = usePanel(scope, panel);
  const figure = useMemo(() => figureOf(panel.measure), [panel.measure]);
  const data = useMemo((): ChartData => {
    if (!answer.data) return NO_CHART;
    if (panel.source === "sql") return overTime(answer.data.columns, answer.data.rows) ?? NO_CHART;
    const timesMs = bucketTimes(answer.data.bucketS, bounds(scope, answer.dataUpdatedAt));
    const lines = groupLines(answer.data.points, timesMs, figure, isSum(panel.measure) ? 0 : null);
    return { timesMs, bucketMs: answer.data.bucketS * 1000, lines };
  }, [answer.data, answer.dataUpdatedAt, panel.source, panel.measure, figure, scope]);
  const format =
    panel.source === "points" ? formatOfUnit(answer.data?.unit ?? "") : panel.source === "sql" ? count : formatOfFigure(panel.measure);
  if (answer.error && !answer.data) return <Failed of={answer} />;
  const still = stillOf(answer.data, panel, data, figure, format);
  return (
    <>
      <Failed of={answer} />
      {still ? (
        <div className={styles.content} data-stale={answer.isPlaceholderData || undefined}>
          {still}
        </div>
      ) : (
        <TimeChart
          label={panel.title}
          data={data}
          format={format}
          shape={panel.chart === "area" || panel.chart === "bar" ? panel.chart : "line"}
          loading={answer.isPending}
          stale={answer.isPlaceholderData}
          legend={panel.h > 2}
          actions={actions}
          onZoom={(fromMs, toMs) => change.range(between(fromMs, toMs))}
        />
      )}
    </>
  );
}

/** What is not over time: a figure, a table, bars; null where the panel is a chart. */
function stillOf(answer: PanelAnswer | undefined, panel: Panel, data: ChartData, figure: Figure, format: (value: number) => string) {
  if (panel.chart === "number") {
    const value = answer ? whole(answer, panel, figure) : null;
    return (
      <div className={styles.number} title={value === null ? undefined : String(value)}>
        {value === null ? "–" : format(value)}
      </div>
    );
  }
  if (panel.chart === "table") {
    if (!answer) return <Skeleton rows={3} height={28} />;
    const told = panel.source === "sql" ? answer : flat(answer.points, panel);
    return <ResultTable label={panel.title} columns={told.columns} rows={told.rows} />;
  }
  const bars = answer && panel.source === "sql" && panel.chart === "bar" && data === NO_CHART ? asBars(answer.columns, answer.rows) : null;
  return bars ? <BarList label={panel.title} items={bars} format={format} /> : null;
}

type Figure = (point: PanelPoint) => number | null;

function figureOf(measure: string): Figure {
  return (point) => {
    const value = point[measure] ?? point[`${measure}_ns`];
    return typeof value === "number" ? value : null;
  };
}

/** One figure for all of the time: the sum, or the latest that was told. */
function whole(answer: PanelAnswer, panel: Panel, figure: Figure): number | null {
  if (panel.source === "sql") {
    const first = answer.columns.map((column) => answer.rows[0]?.[column]).find((value) => typeof value === "number");
    return first ?? null;
  }
  const told = answer.points.map(figure).filter((value) => value !== null);
  return isSum(panel.measure) ? told.reduce((sum, value) => sum + value, 0) : (told.at(-1) ?? null);
}

function flat(points: readonly PanelPoint[], panel: Panel) {
  return { columns: ["time", ...panel.group_by, panel.measure], rows: points.map((point) => ({ ...point, ...point.group })) };
}
