import { useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { TimeChart } from "@/components/TimeChart";
import type { Agent } from "@/data/queries/agents";
import { type Detected, useDetection } from "@/data/queries/findings";
import { NO_CHART } from "@/model/chart";
import { bucketOf, detectedChart, type Figure, figureWords, formatOfDetected } from "@/model/detected";
import { visible } from "@/model/evidence-words";
import { headline } from "@/model/findings";
import { count, parseTime } from "@/model/format";
import { between, bounds } from "@/model/time-range";
import styles from "./AgentPage.module.css";

interface Props {
  readonly agent: Agent;
  readonly figure: Figure;
  readonly kind: "llm" | "tool";
  /** False alarms a day that may be. */
  readonly budget: number;
}

const HEIGHT = 180;

/** One figure of the agent over time within the band that is expected; what the detectors and what textbook rules would raise. */
export function AnomalyChart({ agent, figure, kind, budget }: Props) {
  const change = useChangeShared();
  const scope = useScope();
  const { fromMs, toMs } = bounds(scope, Date.now());
  const beganMs = Math.max(fromMs, parseTime(agent.first_seen) || fromMs); // the time before it was there has no buckets
  const wanted = { method: "bands" as const, figure, kind, false_alarms_a_day: budget, bucket_s: bucketOf((toMs - beganMs) / 1000) };
  const found = useDetection(scope, agent.agent, wanted);
  const data = useMemo(() => (found.data ? detectedChart(found.data) : NO_CHART), [found.data]);
  return (
    <>
      <Failed of={found} />
      <TimeChart
        label={headline(figureWords(figure))}
        data={data}
        format={formatOfDetected(found.data?.unit ?? "")}
        height={HEIGHT}
        onZoom={(from, to) => change.range(between(from, to))}
        loading={found.isPending}
        failed={found.isLoadingError}
        stale={found.isPlaceholderData}
      />
      {found.data ? <Said found={found.data} /> : null}
    </>
  );
}

/** The same in a sentence, and what rules of textbooks would have raised: often far more. */
function Said({ found }: { readonly found: Detected }) {
  const rules = found.rules.map((rule) => `${rule.name} ${count(rule.alarms)}`).join(", ");
  return (
    <p className={styles.hint}>
      {visible(found.told)} {rules ? <span className="quiet">By textbook rules it would be: {rules}.</span> : null}
    </p>
  );
}
