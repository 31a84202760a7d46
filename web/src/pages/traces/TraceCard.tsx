import type { Column } from "@/components/DataTable";
import { KindIcon } from "@/components/KindIcon";
import { Status } from "@/components/Status";
import { When } from "@/components/When";
import type { Trace } from "@/data/queries/traces";
import { count, duration, money } from "@/model/format";
import styles from "./TraceCard.module.css";

interface Props {
  readonly trace: Trace;
  readonly nowMs: number;
  /** Columns that were chosen beside the usual ones. */
  readonly extra: readonly Column<Trace>[];
}

/** A trace in two lines, for narrow screens; in three where columns were chosen beside the usual ones. */
export function TraceCard({ trace, nowMs, extra }: Props) {
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
      {extra.length ? (
        <div className={`${styles.line} ${styles.extra} quiet`}>
          {extra.map((column) => (
            <span key={column.id} className="cut">
              {column.label} {column.cell(trace)}
            </span>
          ))}
        </div>
      ) : null}
    </div>
  );
}
