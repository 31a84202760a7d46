import { useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { Charts } from "@/components/Page";
import { TimeChart } from "@/components/TimeChart";
import { useCallSeries } from "@/data/queries/series";
import { bucketTimes, groupLines } from "@/model/chart";
import { count, duration, money } from "@/model/format";
import { between, bounds } from "@/model/time-range";

/** Calls of tools or of models over time, a line for each of the most called. */
export function CallCharts({ of }: { readonly of: "tool" | "model" }) {
  const scope = useScope();
  const change = useChangeShared();
  const calls = useCallSeries(scope, "", { group_by: [of] }, of === "tool" ? "tool" : "llm");
  const charts = useMemo(() => {
    const points = calls.data?.items ?? [];
    const bucketS = calls.data?.bucket_s ?? 0;
    const timesMs = bucketTimes(bucketS, bounds(scope, calls.dataUpdatedAt || Date.now()));
    const base = { timesMs, bucketMs: bucketS * 1000 };
    return {
      calls: { ...base, lines: groupLines(points, timesMs, (point) => point.count, 0, 6) },
      errors: {
        ...base,
        lines: groupLines(
          points.filter((point) => point.errors),
          timesMs,
          (point) => point.errors,
          0,
          6,
        ),
      },
      p95: { ...base, lines: groupLines(points, timesMs, (point) => point.p95_ns, null, 6) },
      cost: { ...base, lines: groupLines(points, timesMs, (point) => point.cost_usd, 0, 6) },
    };
  }, [calls.data, calls.dataUpdatedAt, scope]);
  const shared = {
    height: 160,
    onZoom: (fromMs: number, toMs: number) => change.range(between(fromMs, toMs)),
    loading: calls.isPending,
    failed: calls.isLoadingError,
    stale: calls.isPlaceholderData,
  };
  return (
    <Charts>
      <TimeChart label="Calls" data={charts.calls} format={count} shape="bar" {...shared} />
      {of === "tool" ? <TimeChart label="Failed calls" data={charts.errors} format={count} shape="bar" {...shared} /> : null}
      {of === "model" ? <TimeChart label="Cost" data={charts.cost} format={money} shape="bar" {...shared} /> : null}
      <TimeChart label="p95 of the duration" data={charts.p95} format={duration} {...shared} />
    </Charts>
  );
}
