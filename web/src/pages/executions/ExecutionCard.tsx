import { ExecutionStatus } from "@/components/ExecutionStatus";
import type { Execution } from "@/data/queries/executions";
import { ageNs } from "@/model/execution";
import { ago, duration, money } from "@/model/format";
import styles from "./ExecutionsPage.module.css";
import { Said } from "./Said";

interface Props {
  readonly run: Execution;
  readonly nowMs: number;
  readonly heldMs: number;
}

/** An execution in three lines, for narrow screens. */
export function ExecutionCard({ run, nowMs, heldMs }: Props) {
  return (
    <div className={styles.card}>
      <div className={styles.line}>
        <span className={`${styles.title} cut`}>{run.agent || run.name || run.id}</span>
        <span className={styles.end}>
          {run.cost_usd ? <span className="quiet">{money(run.cost_usd)}</span> : null}
          <span>{duration(ageNs(run, heldMs))}</span>
        </span>
      </div>
      <div className={`${styles.line} quiet`}>
        <Said run={run} />
      </div>
      <div className={`${styles.line} quiet`}>
        <ExecutionStatus status={run.status} />
        <span className={styles.end}>{ago(run.start, nowMs)}</span>
      </div>
    </div>
  );
}
