import { useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { TimeChart } from "@/components/TimeChart";
import { useAgentCallSeries, useSpanSeries } from "@/data/queries/series";
import { anomalyChart, figureWords, type Outlier } from "@/model/agent-anomaly";
import { formatOfFinding } from "@/model/band";
import { bucketTimes } from "@/model/chart";
import { quoteValue } from "@/model/search-edit";
import { between, bounds } from "@/model/time-range";

interface Props {
  readonly name: string;
  readonly figure: string;
  readonly outliers: readonly Outlier[];
}

const HEIGHT = 180;

/** One figure of the agent over time, with what stood out and the band that was expected when the nearest of these was found. */
export function AnomalyChart({ name, figure, outliers }: Props) {
  const scope = useScope();
  const change = useChangeShared();
  const spans = useSpanSeries(scope, `kind:llm,tool agent:${quoteValue(name)}`);
  const calls = useAgentCallSeries(scope, name, "llm");
  const data = useMemo(() => {
    const bucketS = spans.data?.bucket_s ?? 0;
    const timesMs = bucketTimes(bucketS, bounds(scope, spans.dataUpdatedAt || Date.now()));
    return anomalyChart(outliers, figure, { spans: spans.data?.items ?? [], calls: calls.data?.items ?? [] }, timesMs, bucketS);
  }, [scope, spans.data, spans.dataUpdatedAt, calls.data, outliers, figure]);
  const unit = outliers.find((one) => one.figure === figure)?.unit ?? "";
  const words = figureWords(figure);
  return (
    <TimeChart
      label={words.charAt(0).toUpperCase() + words.slice(1)}
      data={data}
      format={formatOfFinding(unit)}
      height={HEIGHT}
      onZoom={(fromMs, toMs) => change.range(between(fromMs, toMs))}
      loading={spans.isPending}
      stale={spans.isPlaceholderData}
    />
  );
}
