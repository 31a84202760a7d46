import { useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { severityColour } from "@/components/Severity";
import { TimeChart } from "@/components/TimeChart";
import { useEventSeries } from "@/data/queries/series";
import { bucketTimes, type ChartData, line, NO_CHART } from "@/model/chart";
import { count } from "@/model/format";
import { between, bounds } from "@/model/time-range";
import styles from "./EventsPage.module.css";

const SHAPE = { group_by: ["severity"] };
const ORDER = ["critical", "error", "warning", "info", "debug", "trace", ""] as const;

/** How many events of which severity over time; a drag zooms all of the page. */
export function SeverityStrip({ query, label = "Events by severity" }: { readonly query: string; readonly label?: string }) {
  const scope = useScope();
  const change = useChangeShared();
  const series = useEventSeries(scope, query, SHAPE);
  const { data: told, dataUpdatedAt, isPending, isPlaceholderData } = series;
  const data = useMemo((): ChartData => {
    if (!told) return NO_CHART;
    const timesMs = bucketTimes(told.bucket_s, bounds(scope, dataUpdatedAt));
    const lines = ORDER.flatMap((severity) => {
      const points = told.items.filter((point) => (point.group["severity"] ?? "") === severity);
      return points.length ? [line(points, timesMs, (point) => point.count, 0, severity || "none", severityColour(severity))] : [];
    });
    return { timesMs, bucketMs: told.bucket_s * 1000, lines };
  }, [told, scope, dataUpdatedAt]);
  if (series.error && !told) return <Failed of={series} />;
  return (
    <div className={styles.strip}>
      <Failed of={series} />
      <TimeChart
        label={label}
        data={data}
        format={count}
        shape="bar"
        height={84}
        onZoom={(fromMs, toMs) => change.range(between(fromMs, toMs))}
        loading={isPending}
        stale={isPlaceholderData}
      />
    </div>
  );
}
