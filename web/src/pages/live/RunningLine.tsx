import { Link } from "@tanstack/react-router";
import type { Execution } from "@/data/queries/executions";
import { ageNs } from "@/model/execution";
import { ago, count, duration, money, utc } from "@/model/format";
import type { Running } from "@/model/running";
import styles from "./LivePage.module.css";

interface Props {
  readonly line: Running<Execution>;
  readonly nowMs: number;
  /** How old the answer is. */
  readonly heldMs: number;
}

/** One run: who, for how long, the last step, what it spent so far. */
export function RunningLine({ line, nowMs, heldMs }: Props) {
  const { run } = line;
  const tokens = (run.input_tokens ?? 0) + (run.output_tokens ?? 0);
  return (
    <li>
      <Link to="/executions/$executionId" params={{ executionId: run.id }} className={styles.run}>
        <span className={styles.line}>
          <span className={styles.beat} data-stalled={line.stalled > 0} aria-hidden />
          <b className="cut">{line.agents.join(" › ")}</b>
          <span className={`${styles.end} numbers`}>{age(ageNs(run, heldMs))}</span>
        </span>
        {run.last_step ? (
          <span className={`${styles.line} quiet`}>
            <span className="cut">{run.last_step}</span>
          </span>
        ) : null}
        <span className={`${styles.line} quiet numbers`}>
          {line.stalled ? (
            <span className={`${styles.stalled} ${styles.heard} cut`} title="Silent for longer than its own rhythm lets expect">
              stalled, heard {ago(run.last_heard, nowMs)}
            </span>
          ) : (
            <span className={`${styles.heard} cut`} title={utc(run.last_heard)}>
              {run.status === "running" ? "" : `${run.status}${run.waiting_for ? ` for ${run.waiting_for}` : ""}, `}heard{" "}
              {ago(run.last_heard, nowMs)}
            </span>
          )}
          <span className={styles.end}>
            {run.errors ? <span className={styles.failed}>{count(run.errors)} err</span> : null}
            {tokens ? <span>{count(tokens)} tok</span> : null}
            {run.cost_usd ? <span>{money(run.cost_usd)}</span> : null}
          </span>
        </span>
      </Link>
    </li>
  );
}

function age(ns: number): string {
  return ns < 1e9 ? "0 s" : duration(Math.round(ns / 1e9) * 1e9);
}
