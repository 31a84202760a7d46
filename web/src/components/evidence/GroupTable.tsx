import { useMemo } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { None } from "@/components/None";
import { didText, type Group } from "@/model/evidence-groups";
import { visible } from "@/model/evidence-words";
import { bytes, fullCount } from "@/model/format";
import { Size } from "./ActionTable";
import { Card, Told } from "./Cells";
import { linkTo, processesText, type TableProps } from "./table";

interface Props extends TableProps {
  readonly groups: readonly Group[];
  readonly of: "file" | "host";
}

/** Files by path, or hosts by name: what was done, by whom, with how many bytes. */
export function GroupTable({ evidence, spanName, groups, of }: Props) {
  const columns = useMemo(() => columnsOf({ evidence, spanName }, of), [evidence, spanName, of]);
  return (
    <DataTable
      label={of === "file" ? "Files" : "Hosts"}
      rows={groups}
      columns={columns}
      keyOf={(group) => group.key}
      linkOf={(group) => linkTo(`${of === "file" ? "f" : "h"}:${group.key}`)}
      nameOf={(group) => `${visible(group.key)}, ${didText(group)}`}
      compact={(group) => (
        <Card
          first={<Told text={group.key} mono red={group.unexplained > 0} />}
          end={group.written || group.read ? bytes(group.written + group.read) : ""}
          second={<Told text={`${didText(group)} · ${processesText(evidence, group.processes)}`} />}
        />
      )}
    />
  );
}

function columnsOf({ evidence, spanName }: TableProps, of: Props["of"]): readonly Column<Group>[] {
  const ports: Column<Group> = {
    id: "ports",
    label: "Ports",
    width: "minmax(64px, 0.4fr)",
    cell: (group) => (group.ports.size ? <Told text={[...group.ports].join(", ")} /> : <None />),
  };
  return [
    {
      id: "key",
      label: of === "file" ? "Path" : "Host",
      width: of === "file" ? "minmax(240px, 2fr)" : "minmax(200px, 1.2fr)",
      cell: (group) => <Told text={group.key} mono red={group.unexplained > 0} />,
    },
    ...(of === "host" ? [ports] : []),
    { id: "did", label: "Done", width: "minmax(140px, 1fr)", cell: (group) => <Told text={didText(group)} /> },
    { id: "in", label: of === "file" ? "Read" : "Received", width: "84px", align: "right", cell: (group) => <Size value={group.read} /> },
    {
      id: "out",
      label: of === "file" ? "Written" : "Sent",
      width: "84px",
      align: "right",
      cell: (group) => <Size value={group.written} />,
    },
    {
      id: "failed",
      label: "Failed",
      width: "62px",
      align: "right",
      cell: (group) => (group.failed ? <span>{fullCount(group.failed)}</span> : <None />),
    },
    {
      id: "processes",
      label: "Processes",
      width: "minmax(120px, 0.8fr)",
      cell: (group) => <Told text={processesText(evidence, group.processes)} />,
    },
    {
      id: "spans",
      label: "Belongs to",
      width: "minmax(130px, 0.9fr)",
      cell: (group) => (
        <Told
          text={group.unexplained ? "nothing accounts for it" : [...group.spans].map(spanName).join(", ") || "–"}
          red={group.unexplained > 0}
        />
      ),
    },
  ];
}
