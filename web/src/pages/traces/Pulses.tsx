import { useMemo, useState } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Pulse } from "@/components/Pulse";
import { useCallSeries, useSpanSeries } from "@/data/queries/series";
import { useSummary } from "@/data/queries/summary";
import { count, duration, fullCount, fullDuration, fullMoney, money } from "@/model/format";
import { bars } from "@/model/pulse";
import { between, bounds } from "@/model/time-range";
import styles from "./TracesPage.module.css";

const WHOLE_S = 31_536_000; // a bucket that holds any range, for the figure of all of it

interface Props {
  readonly query: string;
  /** The list is asked for first. */
  readonly wait: boolean;
}

/** What happened over time among the spans that match, in four figures; a drag zooms all of the page. */
export function Pulses({ query, wait }: Props) {
  const scope = useScope();
  const change = useChangeShared();
  const [hovered, hover] = useState<number | null>(null);
  const spans = useSpanSeries(scope, query, {}, !wait);
  const calls = useCallSeries(scope, query, {}, "llm", !wait);
  const whole = useSpanSeries(scope, query, { bucket_s: WHOLE_S }, !wait);
  const summary = useSummary(scope, query, !wait);
  const bucketS = spans.data?.bucket_s ?? 0;
  // A relative range ends when its answer came.
  const range = useMemo(() => bounds(scope, spans.dataUpdatedAt || Date.now()), [scope, spans.dataUpdatedAt]);
  const shape = useMemo(() => {
    const points = spans.data?.items ?? [];
    return {
      spans: bars(points, bucketS, range, (point) => point.count),
      errors: bars(points, bucketS, range, (point) => point.errors),
      p95: bars(points, bucketS, range, (point) => point.p95_ns ?? 0),
      cost: bars(calls.data?.items ?? [], bucketS, range, (point) => point.cost_usd),
    };
  }, [spans.data, calls.data, bucketS, range]);
  const all = whole.data?.items ?? [];
  const errors = whole.data ? all.reduce((sum, point) => sum + point.errors, 0) : null;
  const p95 = all.reduce((most, point) => (point.count > most.count ? point : most), { count: 0, p95_ns: null as number | null }).p95_ns;
  const { spans: spanCount = null, cost_usd = null } = summary.data ?? {};
  const shared = { hovered, onHover: hover, onZoom: (fromMs: number, toMs: number) => change.range(between(fromMs, toMs)) };
  return (
    <>
      <Failed of={[spans, calls, whole, summary]} />
      <div className={styles.pulses}>
        <Pulse
          label="Spans"
          figure={count(spanCount)}
          full={fullCount(spanCount ?? 0)}
          bars={shape.spans}
          colour="var(--accent)"
          format={count}
          {...shared}
        />
        <Pulse
          label="Failed spans"
          figure={count(errors)}
          full={fullCount(errors ?? 0)}
          bars={shape.errors}
          colour="var(--status-error)"
          format={count}
          {...shared}
        />
        <Pulse
          label="Cost"
          figure={money(cost_usd)}
          full={fullMoney(cost_usd ?? 0)}
          bars={shape.cost}
          colour="var(--kind-llm)"
          format={money}
          {...shared}
        />
        <Pulse
          label="Span p95"
          figure={duration(p95)}
          full={fullDuration(p95 ?? 0)}
          bars={shape.p95}
          colour="var(--kind-tool)"
          format={duration}
          {...shared}
        />
      </div>
    </>
  );
}
