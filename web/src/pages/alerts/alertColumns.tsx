import type { Column } from "@/components/DataTable";
import { Health } from "@/components/Health";
import list from "@/components/List.module.css";
import { Severity } from "@/components/Severity";
import type { Alert } from "@/data/queries/alerts";
import { alertStanding } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { ago, count, utc } from "@/model/format";

const right = { align: "right" } as const;

export function alertColumns(nowMs: number): readonly Column<Alert>[] {
  return [
    { id: "severity", label: "Severity", width: "84px", cell: (alert) => <Severity severity={alert.severity} /> },
    { id: "state", label: "State", width: "minmax(96px, 0.6fr)", cell: (alert) => <Health {...alertStanding(alert)} /> },
    { id: "title", label: "Alert", width: "minmax(160px, 1.2fr)", cell: (alert) => <Title alert={alert} /> },
    {
      id: "summary",
      label: "What was seen",
      width: "minmax(150px, 2fr)",
      cell: (alert) => (
        <span className="cut" title={visible(alert.summary)}>
          {visible(alert.summary)}
        </span>
      ),
    },
    {
      id: "since",
      label: "Since",
      width: "92px",
      ...right,
      cell: (alert) => <span title={utc(alert.fired ?? alert.started)}>{ago(alert.fired ?? alert.started, nowMs)}</span>,
    },
    {
      id: "seen",
      label: "Last true",
      width: "92px",
      ...right,
      cell: (alert) => <span title={`${count(alert.count)} times, last ${utc(alert.last_true)}`}>{ago(alert.last_true, nowMs)}</span>,
    },
  ];
}

function Title({ alert }: { readonly alert: Alert }) {
  const title = visible(alert.title);
  return (
    <span className={`${list.title} cut`} title={title}>
      {title}
    </span>
  );
}
