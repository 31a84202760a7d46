/** A chart of the spans that match, above their traces. */
import { ActionIcon, NativeSelect } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { Problem } from "@/components/Problem";
import { TimeChart } from "@/components/TimeChart";
import { type CallPoint, type SpanPoint, useCallSeries, useSpanSeries } from "@/data/queries/series";
import { bucketTimes, type ChartData, groupLines, line, NO_CHART } from "@/model/chart";
import { formatOfFigure } from "@/model/format-chart";
import { between, bounds } from "@/model/time-range";
import { MEASURES, type Measure, SPLITS, type Split } from "@/model/traces-search";
import styles from "./ChartPanel.module.css";

interface Props {
  readonly query: string;
  readonly measure: Measure;
  readonly by: Split | undefined;
  readonly onChange: (change: { readonly chart?: Measure | undefined; readonly by?: Split | undefined }) => void;
}

const LABELS: Readonly<Record<Measure, string>> = {
  count: "Spans",
  errors: "Failed spans",
  p95: "Span p95",
  cost: "Cost",
  tokens: "Tokens",
};
const FIGURES: Readonly<Record<Measure, string>> = { count: "count", errors: "errors", p95: "p95_ns", cost: "cost_usd", tokens: "tokens" };

export function ChartPanel({ query, measure, by, onChange }: Props) {
  const change = useChangeShared();
  const { data, error, pending, stale, retry } = useChart(query, measure, by);
  return (
    <section className={styles.panel} aria-label="Chart">
      <div className={styles.tools}>
        <NativeSelect
          size="xs"
          aria-label="Figure"
          value={measure}
          onChange={(event) => onChange({ chart: event.currentTarget.value as Measure })}
          data={MEASURES.map((value) => ({ value, label: LABELS[value] }))}
        />
        <NativeSelect
          size="xs"
          aria-label="Split by"
          value={by ?? ""}
          onChange={(event) => onChange({ by: (event.currentTarget.value || undefined) as Split | undefined })}
          data={[{ value: "", label: "not split" }, ...SPLITS.map((value) => ({ value, label: `by ${value.replace("_", " ")}` }))]}
        />
        <span className={styles.gap} />
        <ActionIcon size={22} onClick={() => onChange({ chart: undefined, by: undefined })} aria-label="Close the chart">
          <IconX size={13} />
        </ActionIcon>
      </div>
      {error ? <Problem error={error} onRetry={retry} /> : null}
      {error && pending ? null : (
        <TimeChart
          label={by ? `${LABELS[measure]} by ${by.replace("_", " ")}` : LABELS[measure]}
          data={data}
          format={formatOfFigure(FIGURES[measure])}
          shape={measure === "p95" ? "line" : "bar"}
          height={150}
          onZoom={(fromMs, toMs) => change.range(between(fromMs, toMs))}
          legend={by !== undefined}
          loading={pending}
          stale={stale}
        />
      )}
    </section>
  );
}

function useChart(query: string, measure: Measure, by: Split | undefined) {
  const scope = useScope();
  const shape = by ? { group_by: [by] } : {};
  const ofCalls = measure === "cost" || measure === "tokens";
  const spans = useSpanSeries(scope, query, shape, !ofCalls);
  const calls = useCallSeries(scope, query, shape, "llm", ofCalls);
  const asked = ofCalls ? calls : spans;
  const data = useMemo((): ChartData => {
    const told = ofCalls ? calls.data : spans.data;
    if (!told) return NO_CHART;
    const timesMs = bucketTimes(told.bucket_s, bounds(scope, asked.dataUpdatedAt));
    const points: readonly (SpanPoint | CallPoint)[] = told.items;
    const value = (point: SpanPoint | CallPoint) => figure(point, measure);
    const fill = measure === "p95" ? null : 0;
    const lines = by ? groupLines(points, timesMs, value, fill) : [line(points, timesMs, value, fill, LABELS[measure], "var(--accent)")];
    return { timesMs, bucketMs: told.bucket_s * 1000, lines };
  }, [ofCalls, calls.data, spans.data, scope, asked.dataUpdatedAt, measure, by]);
  return { data, error: asked.error, pending: asked.isPending, stale: asked.isPlaceholderData, retry: () => void asked.refetch() };
}

function figure(point: SpanPoint | CallPoint, measure: Measure): number | null {
  if (measure === "count") return point.count;
  if (measure === "errors") return point.errors;
  if (measure === "p95") return point.p95_ns;
  if (!("cost_usd" in point)) return null;
  return measure === "cost" ? point.cost_usd : point.input_tokens + point.output_tokens;
}
