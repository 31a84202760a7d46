import type { Column } from "@/components/DataTable";
import { Health } from "@/components/Health";
import list from "@/components/List.module.css";
import { Severity } from "@/components/Severity";
import type { AlertCause } from "@/data/queries/alerts";
import { affectedWords, causeStanding } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { ago, count, fullCount, utc } from "@/model/format";

const right = { align: "right" } as const;

export function causeColumns(nowMs: number): readonly Column<AlertCause>[] {
  return [
    { id: "severity", label: "Severity", width: "84px", cell: (one) => <Severity severity={one.severity} /> },
    { id: "state", label: "State", width: "minmax(110px, 0.8fr)", cell: (one) => <Health {...causeStanding(one)} /> },
    { id: "cause", label: "Cause", width: "minmax(150px, 1.2fr)", cell: (one) => <Cut text={visible(one.cause)} strong /> },
    {
      id: "alerts",
      label: "Alerts",
      width: "70px",
      ...right,
      cell: (one) => <span title={`${fullCount(one.open)} of ${fullCount(one.count)} go on`}>{count(one.count)}</span>,
    },
    { id: "what", label: "What was seen", width: "minmax(150px, 1.8fr)", cell: (one) => <Cut text={titlesOf(one)} /> },
    { id: "affected", label: "Agents", width: "minmax(100px, 1fr)", cell: (one) => <Cut text={affectedWords(one.affected, one.agents)} /> },
    { id: "first", label: "Since", width: "92px", ...right, cell: (one) => <span title={utc(one.first)}>{ago(one.first, nowMs)}</span> },
    { id: "last", label: "Last true", width: "92px", ...right, cell: (one) => <span title={utc(one.last)}>{ago(one.last, nowMs)}</span> },
  ];
}

/** What its alerts are called, each once. */
export function titlesOf(one: AlertCause): string {
  return [...new Set(one.alerts.map((alert) => visible(alert.title)))].join(", ");
}

function Cut({ text, strong = false }: { readonly text: string; readonly strong?: boolean }) {
  return (
    <span className={`${strong ? list.title : ""} cut`} title={text}>
      {text}
    </span>
  );
}
