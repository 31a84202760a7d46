import { Health } from "@/components/Health";
import list from "@/components/List.module.css";
import { Severity } from "@/components/Severity";
import type { Alert } from "@/data/queries/alerts";
import { alertStanding } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { ago } from "@/model/format";

/** An alert in three lines, for narrow screens. */
export function AlertCard({ alert, nowMs }: { readonly alert: Alert; readonly nowMs: number }) {
  return (
    <div className={list.card}>
      <div className={list.line}>
        <Severity severity={alert.severity} quiet />
        <span className={`${list.title} cut`}>{visible(alert.title)}</span>
        <span className={`${list.end} quiet`}>{ago(alert.fired ?? alert.started, nowMs)}</span>
      </div>
      <div className={`${list.line} quiet`}>
        <span className="cut">{visible(alert.summary)}</span>
      </div>
      <div className={list.line}>
        <Health {...alertStanding(alert)} />
      </div>
    </div>
  );
}
