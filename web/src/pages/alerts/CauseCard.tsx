import { Health } from "@/components/Health";
import list from "@/components/List.module.css";
import { Severity } from "@/components/Severity";
import type { AlertCause } from "@/data/queries/alerts";
import { causeStanding } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { ago, plural } from "@/model/format";
import { titlesOf } from "./causeColumns";

/** A cause in three lines, for narrow screens. */
export function CauseCard({ cause, nowMs }: { readonly cause: AlertCause; readonly nowMs: number }) {
  return (
    <div className={list.card}>
      <div className={list.line}>
        <Severity severity={cause.severity} quiet />
        <span className={`${list.title} cut`}>{visible(cause.cause)}</span>
        <span className={`${list.end} quiet`}>{ago(cause.last, nowMs)}</span>
      </div>
      <div className={`${list.line} quiet`}>
        <span className="cut">{titlesOf(cause)}</span>
      </div>
      <div className={list.line}>
        <Health {...causeStanding(cause)} />
        <span className={`${list.end} quiet`}>
          {plural(cause.count, "alert")}
          {cause.agents ? `, ${plural(cause.agents, "agent")}` : ""}
        </span>
      </div>
    </div>
  );
}
