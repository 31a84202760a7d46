import { useMemo } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { None } from "@/components/None";
import type { Call } from "@/model/evidence";
import { visible } from "@/model/evidence-words";
import { duration, fullDuration, utc } from "@/model/format";
import { Card, Told, Why } from "./Cells";
import { linkTo, spanText, type TableProps } from "./table";

/** Model calls that were seen in the plaintext of connections, each beside the span that tells of it. */
export function CallTable({ spanName, calls }: Omit<TableProps, "evidence"> & { readonly calls: readonly Call[] }) {
  const columns = useMemo(() => columnsOf(spanName), [spanName]);
  return (
    <DataTable
      label="Model calls on the wire"
      rows={calls}
      columns={columns}
      keyOf={(call) => call.span_id}
      linkOf={(call) => linkTo(`c:${call.span_id}`)}
      nameOf={(call) => `${visible(call.model)} at ${visible(call.server)}`}
      compact={(call) => (
        <Card
          first={<Told text={call.model || "model not told"} red={!call.link} />}
          end={duration(call.duration_ns)}
          second={
            <>
              <Told text={call.server} />
              <Why link={call.link} name={spanText(call.link, spanName)} unexplained />
            </>
          }
        />
      )}
    />
  );
}

function columnsOf(spanName: TableProps["spanName"]): readonly Column<Call>[] {
  return [
    {
      id: "at",
      label: "After begin",
      width: "92px",
      align: "right",
      cell: (call) => <span title={utc(call.start)}>{duration(call.at)}</span>,
    },
    {
      id: "took",
      label: "Took",
      width: "76px",
      align: "right",
      cell: (call) => <span title={fullDuration(call.duration_ns)}>{duration(call.duration_ns)}</span>,
    },
    { id: "model", label: "Model", width: "minmax(140px, 1fr)", cell: (call) => <Told text={call.model || "not told"} red={!call.link} /> },
    { id: "server", label: "Server", width: "minmax(150px, 1fr)", cell: (call) => <Told text={call.server} mono /> },
    { id: "pid", label: "Process", width: "80px", align: "right", cell: (call) => (call.pid ? String(call.pid) : <None />) },
    {
      id: "span",
      label: "Told by",
      width: "minmax(160px, 1.2fr)",
      cell: (call) => <Why link={call.link} name={spanText(call.link, spanName)} unexplained />,
    },
  ];
}
