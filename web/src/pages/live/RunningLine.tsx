import { Link } from "@tanstack/react-router";
import { KindIcon } from "@/components/KindIcon";
import { count, duration, money } from "@/model/format";
import { isStalled, type Running } from "@/model/running";
import styles from "./LivePage.module.css";

/** One run: who, for how long, the last step, what it spent so far. */
export function RunningLine({ run, nowMs }: { readonly run: Running; readonly nowMs: number }) {
  const stalled = isStalled(run, nowMs);
  const tokens = (run.spend?.input_tokens ?? 0) + (run.spend?.output_tokens ?? 0);
  const inside = (
    <>
      <span className={styles.line}>
        <span className={styles.beat} data-stalled={stalled} aria-hidden />
        <b className="cut">{run.agents.join(" › ")}</b>
        <span className={`${styles.end} numbers`}>{age(nowMs - run.startMs)}</span>
      </span>
      {run.last ? (
        <span className={`${styles.line} quiet`}>
          <KindIcon kind={run.last.kind} size={13} />
          <span className="cut">{run.last.name}</span>
        </span>
      ) : null}
      <span className={`${styles.line} quiet numbers`}>
        {stalled ? (
          <span className={styles.stalled} title="Nothing was heard of it for a minute or longer">
            stalled, silent {age(nowMs - run.heardMs)}
          </span>
        ) : (
          <span>heard {age(nowMs - run.heardMs)} ago</span>
        )}
        <span className={styles.end}>
          {run.spend?.errors ? <span className={styles.failed}>{count(run.spend.errors)} err</span> : null}
          {tokens ? <span>{count(tokens)} tok</span> : null}
          {run.spend?.cost_usd ? <span>{money(run.spend.cost_usd)}</span> : null}
        </span>
      </span>
    </>
  );
  return (
    <li>
      {run.traceId ? (
        <Link to="/traces/$traceId" params={{ traceId: run.traceId }} className={styles.run}>
          {inside}
        </Link>
      ) : (
        <div className={styles.run}>{inside}</div>
      )}
    </li>
  );
}

function age(ms: number): string {
  return duration(Math.max(0, Math.round(ms / 1000)) * 1e9).replace(/^0.*/, "0 s");
}
