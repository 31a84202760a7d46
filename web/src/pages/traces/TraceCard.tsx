import { KindIcon } from "@/components/KindIcon";
import { Status } from "@/components/Status";
import { When } from "@/components/When";
import type { Trace } from "@/data/queries/traces";
import { count, duration, money } from "@/model/format";
import styles from "./TraceCard.module.css";

/** A trace in two lines, for narrow screens. */
export function TraceCard({ trace, nowMs }: { readonly trace: Trace; readonly nowMs: number }) {
  const failed = trace.status === "error";
  const said = (failed && trace.status_message) || trace.input || trace.agents.join(", ") || trace.service;
  return (
    <div className={styles.card}>
      <div className={styles.line}>
        <KindIcon kind={trace.kind} />
        <span className={`${styles.name} cut`}>{trace.name || trace.trace_id.slice(0, 16)}</span>
        <span className={styles.end}>
          {trace.cost_usd ? <span className="quiet">{money(trace.cost_usd)}</span> : null}
          <span>{duration(trace.duration_ns)}</span>
          <Status status={trace.status} pending={trace.pending > 0} quiet />
        </span>
      </div>
      <div className={`${styles.line} quiet`}>
        <span className={`${failed ? styles.failed : ""} cut`}>{said}</span>
        <span className={styles.end}>
          {trace.errors ? <span className={styles.failed}>{count(trace.errors)} err</span> : null}
          <When iso={trace.start} nowMs={nowMs} />
        </span>
      </div>
    </div>
  );
}
