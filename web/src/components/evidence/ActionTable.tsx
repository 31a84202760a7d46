import { useMemo } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { None } from "@/components/None";
import type { Action } from "@/model/evidence";
import { actionText, didOf } from "@/model/evidence-words";
import { bytes, duration, fullCount, utc } from "@/model/format";
import { Card, Told, Why } from "./Cells";
import { linkTo, processName, spanText, type TableProps } from "./table";

/** Everything that was done, in the order of time. */
export function ActionTable({ evidence, spanName, actions }: TableProps & { readonly actions: readonly Action[] }) {
  const columns = useMemo(() => columnsOf({ evidence, spanName }), [evidence, spanName]);
  return (
    <DataTable
      label="Actions"
      rows={actions}
      columns={columns}
      keyOf={(action) => action.event_id}
      linkOf={(action) => linkTo(`a:${action.event_id}`)}
      nameOf={actionText}
      compact={(action) => (
        <Card
          first={<Told text={`${didOf(action.name)} ${action.what}`} red={action.unexplained} />}
          end={duration(action.at)}
          second={
            <>
              <Told text={processName(evidence, action.process)} />
              <Why link={action.link} name={spanText(action.link, spanName)} unexplained={action.unexplained} />
            </>
          }
        />
      )}
    />
  );
}

function columnsOf({ evidence, spanName }: TableProps): readonly Column<Action>[] {
  return [
    {
      id: "at",
      label: "After begin",
      width: "92px",
      align: "right",
      cell: (action) => <span title={utc(action.time)}>{duration(action.at)}</span>,
    },
    {
      id: "did",
      label: "Did",
      width: "112px",
      cell: (action) => <Told text={action.error ? `${didOf(action.name)} ✗` : didOf(action.name)} red={action.unexplained} />,
    },
    {
      id: "what",
      label: "What",
      width: "minmax(220px, 2fr)",
      cell: (action) => <Told text={action.error ? `${action.what} · ${action.error}` : action.what} mono red={action.unexplained} />,
    },
    {
      id: "process",
      label: "Process",
      width: "minmax(110px, 0.7fr)",
      cell: (action) => <Told text={processName(evidence, action.process)} />,
    },
    { id: "in", label: "In", width: "78px", align: "right", cell: (action) => <Size value={action.read_bytes} /> },
    { id: "out", label: "Out", width: "78px", align: "right", cell: (action) => <Size value={action.written_bytes} /> },
    {
      id: "span",
      label: "Belongs to",
      width: "minmax(140px, 1fr)",
      cell: (action) => <Why link={action.link} name={spanText(action.link, spanName)} unexplained={action.unexplained} />,
    },
  ];
}

export function Size({ value }: { readonly value: number }) {
  return value ? <span title={`${fullCount(value)} bytes`}>{bytes(value)}</span> : <None />;
}
