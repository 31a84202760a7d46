import type { Column } from "@/components/DataTable";
import { KindIcon } from "@/components/KindIcon";
import { Severity } from "@/components/Severity";
import { Status } from "@/components/Status";
import { When } from "@/components/When";
import type { RecordFrame } from "@/data/live-frames";
import { count, duration, fullDuration, fullMoney, money } from "@/model/format";
import styles from "./LivePage.module.css";

/** A record of the tail as a row. */
export function frameColumns(nowMs: number): readonly Column<RecordFrame>[] {
  return [
    { id: "time", label: "Time", width: "100px", cell: (frame) => <When iso={frame.time} nowMs={nowMs} /> },
    { id: "name", label: "What", width: "minmax(220px, 1fr)", cell: (frame) => <What frame={frame} /> },
    { id: "agent", label: "Agent", width: "120px", cell: (frame) => frame.agent || <span className="quiet">{frame.service}</span> },
    { id: "status", label: "Status", width: "76px", cell: (frame) => <State frame={frame} /> },
    {
      id: "duration",
      label: "Duration",
      width: "72px",
      align: "right",
      cell: (frame) =>
        frame.duration_ns && !frame.pending ? <span title={fullDuration(frame.duration_ns)}>{duration(frame.duration_ns)}</span> : "",
    },
    { id: "tokens", label: "Tokens", width: "60px", align: "right", cell: (frame) => tokens(frame) },
    {
      id: "cost",
      label: "Cost",
      width: "92px",
      align: "right",
      cell: (frame) => (frame.cost_usd ? <span title={fullMoney(frame.cost_usd)}>{money(frame.cost_usd)}</span> : ""),
    },
  ];
}

export function What({ frame }: { readonly frame: RecordFrame }) {
  return (
    <span className={styles.what}>
      {frame.type === "span" ? (
        <KindIcon kind={frame.kind ?? "span"} />
      ) : (
        <span className={styles.mark}>
          <Severity severity={frame.severity ?? ""} quiet />
        </span>
      )}
      <span className={`${styles.name} cut`}>{frame.name || (frame.type === "event" ? "log" : frame.type)}</span>
      <span className={`${styles.said} ${frame.status === "error" ? styles.failed : ""} cut`}>{frame.summary}</span>
    </span>
  );
}

export function State({ frame, quiet = false }: { readonly frame: RecordFrame; readonly quiet?: boolean }) {
  if (frame.type === "span") return <Status status={frame.status ?? "unset"} pending={frame.pending ?? false} quiet={quiet} />;
  return <Severity severity={frame.severity ?? ""} quiet={quiet} />;
}

function tokens(frame: RecordFrame): string {
  const all = (frame.input_tokens ?? 0) + (frame.output_tokens ?? 0);
  return all ? count(all) : "";
}
