/** Any metric over time: which one, how it is put together, and by what it is split. */
import { SegmentedControl, Select } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { Page } from "@/components/Page";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { TimeChart } from "@/components/TimeChart";
import { asApiError } from "@/data/problem";
import { useMetrics, usePoints } from "@/data/queries/metrics";
import { bucketTimes, groupLines, NO_CHART } from "@/model/chart";
import { NEW_PANEL } from "@/model/dashboards";
import { plural, sentence } from "@/model/format";
import { formatOfUnit } from "@/model/format-chart";
import { type Aggregation, addsUp, aggregationsOf, type MetricsSearch, shownName, typeName, unitName } from "@/model/metrics-search";
import { between, bounds, rangeLabel } from "@/model/time-range";
import { PinPanel } from "@/pages/dashboards/PinPanel";
import styles from "./MetricsPage.module.css";

const NO_GROUPS: string[] = [];

export function MetricsPage() {
  const search = useSearch({ from: "/shell/explore/metrics" });
  const scope = useScope();
  const zoom = useChangeShared();
  const change = useChange<MetricsSearch>();
  const metrics = useMetrics(scope);
  const all = metrics.data?.items ?? [];
  const metric = all.find((one) => one.metric === search.metric) ?? all[0];
  const aggregations = aggregationsOf(metric?.type ?? "");
  const agg = search.agg && aggregations.includes(search.agg) ? search.agg : (aggregations[0] ?? "avg");
  const groups = useMemo(() => (search.by ? [search.by] : NO_GROUPS), [search.by]);
  const points = usePoints(scope, metric?.metric ?? "", search.query ?? "", groups);
  const data = useMemo(() => {
    if (!points.data) return NO_CHART;
    const timesMs = bucketTimes(points.data.bucket_s, bounds(scope, points.dataUpdatedAt));
    return {
      timesMs,
      bucketMs: points.data.bucket_s * 1000,
      lines: groupLines(points.data.items, timesMs, (point) => point[agg], addsUp(agg) ? 0 : null),
    };
  }, [points.data, points.dataUpdatedAt, scope, agg]);
  const error = points.error ? asApiError(points.error) : metrics.error ? asApiError(metrics.error) : null;
  const retry = () => {
    for (const asked of [metrics, points]) if (asked.error) void asked.refetch();
  };
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  if (metrics.isSuccess && !metric)
    return (
      <Empty title="No metrics here" action={<ButtonLink to="/start">Connect an agent</ButtonLink>}>
        Project {scope.project} got no data points, {rangeLabel(scope).toLowerCase()}. Send OpenTelemetry metrics to the same endpoint as
        traces.
      </Empty>
    );
  return (
    <Page>
      <div className={styles.tools}>
        <Select
          aria-label="Metric"
          searchable
          data={all.map((one) => ({ value: one.metric, label: shownName(one.metric) }))}
          value={metric?.metric ?? null}
          onChange={(value) => change({ metric: value ?? undefined, agg: undefined, by: undefined })}
          className={styles.metric ?? ""}
          allowDeselect={false}
        />
        <SegmentedControl
          aria-label="Put together as"
          data={[...aggregations]}
          value={agg}
          onChange={(value) => change({ agg: value as Aggregation })}
        />
        <Select
          aria-label="Split by"
          placeholder="Split by"
          clearable
          searchable
          data={["service", ...(metric?.attributes ?? []).map((name) => `attr.${name}`)]}
          value={search.by ?? null}
          onChange={(value) => change({ by: value ?? undefined })}
          className={styles.split ?? ""}
        />
        {metric ? (
          <PinPanel
            panel={{
              ...NEW_PANEL,
              title: `${shownName(metric.metric)}, ${agg}`,
              chart: addsUp(agg) ? "bar" : "line",
              source: "points",
              measure: agg,
              query: search.query ?? "",
              group_by: groups,
              metric: metric.metric,
            }}
          />
        ) : null}
      </div>
      <QueryBar
        value={search.query ?? ""}
        placeholder="service:checkout attr.region:eu"
        mistake={mistake}
        onSubmit={(text) => change({ query: text || undefined })}
      />
      {error && !mistake ? <Problem error={error} onRetry={retry} /> : null}
      {metric ? (
        <p className={`${styles.about} quiet`}>
          {sentence(metric.description) || "Its source says nothing of it."} {typeName(metric.type)}
          {unitName(metric.unit)}; {plural(metric.points, "point")} of {metric.services.filter(Boolean).join(", ") || "no service"}.
        </p>
      ) : null}
      <TimeChart
        label={`${metric ? shownName(metric.metric) : "Metric"}, ${agg}`}
        data={data}
        format={formatOfUnit(metric?.unit ?? "")}
        height={380}
        legend={groups.length > 0}
        shape={addsUp(agg) ? "bar" : "line"}
        loading={points.isPending && !error}
        failed={points.isLoadingError || metrics.isLoadingError}
        stale={points.isPlaceholderData}
        onZoom={(fromMs, toMs) => zoom.range(between(fromMs, toMs))}
      />
    </Page>
  );
}
