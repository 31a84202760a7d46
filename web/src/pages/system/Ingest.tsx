import { useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Charts } from "@/components/Page";
import { TimeChart } from "@/components/TimeChart";
import { useEventSeries, useSpanSeries } from "@/data/queries/series";
import { bucketTimes, groupLines } from "@/model/chart";
import { count } from "@/model/format";
import { between, bounds } from "@/model/time-range";

/** How much came in, by service. */
export function Ingest() {
  const scope = useScope();
  const change = useChangeShared();
  const spans = useSpanSeries(scope, "", { group_by: ["service"] });
  const events = useEventSeries(scope, "", { group_by: ["service"] });
  const [spanChart, eventChart] = useMemo(() => {
    const bucketS = spans.data?.bucket_s ?? 0;
    const timesMs = bucketTimes(bucketS, bounds(scope, spans.dataUpdatedAt || Date.now()));
    const base = { timesMs, bucketMs: bucketS * 1000 };
    return [
      { ...base, lines: groupLines(spans.data?.items ?? [], timesMs, (point) => point.count, 0, 6) },
      { ...base, lines: groupLines(events.data?.items ?? [], timesMs, (point) => point.count, 0, 6) },
    ] as const;
  }, [spans.data, events.data, spans.dataUpdatedAt, scope]);
  const shared = {
    height: 150,
    shape: "bar",
    format: count,
    onZoom: (fromMs: number, toMs: number) => change.range(between(fromMs, toMs)),
  } as const;
  return (
    <>
      <Failed of={[spans, events]} />
      <Charts>
        <TimeChart
          label="Spans by service"
          data={spanChart}
          {...shared}
          loading={spans.isPending}
          failed={spans.isLoadingError}
          stale={spans.isPlaceholderData}
        />
        <TimeChart
          label="Log records by service"
          data={eventChart}
          {...shared}
          loading={events.isPending}
          failed={events.isLoadingError}
          stale={events.isPlaceholderData}
        />
      </Charts>
    </>
  );
}
