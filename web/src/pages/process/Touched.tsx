import { type ReactNode, useMemo } from "react";
import { Size } from "@/components/evidence/ActionTable";
import { Told, Why } from "@/components/evidence/Cells";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import type { Call, Process } from "@/model/evidence";
import { didText, filesOf, type Group, hostsOf } from "@/model/evidence-groups";
import type { Cause } from "@/model/evidence-item";
import { commandOf, ending, visible } from "@/model/evidence-words";
import { duration, fullCount, percent } from "@/model/format";
import type { RawSearch } from "@/model/search-state";
import styles from "./ProcessPage.module.css";

interface Props {
  readonly process: Process;
  readonly causes: readonly Cause[];
  readonly spanName: (spanId: string) => string;
  readonly onOpen: (id: string) => void;
  readonly onTrace: (search: RawSearch) => void;
}

const MOST = 100; // the lists of the trace show any number of them

/** What a process has to do with: spans, processes, files, hosts, model calls. */
export function Touched({ process, causes, spanName, onOpen, onTrace }: Props) {
  const files = useMemo(() => filesOf(process.actions), [process]);
  const hosts = useMemo(() => hostsOf(process.actions), [process]);
  const all = (list: string) => () => onTrace({ list, process: process.told.id });
  const name = (id: string, text: string) => (
    <button type="button" className={`${styles.link} cut mono`} title={visible(text)} onClick={() => onOpen(id)}>
      {visible(text)}
    </button>
  );
  const group = (of: "file" | "host"): readonly SmallColumn<Group>[] => [
    {
      id: "key",
      label: of === "file" ? "Path" : "Host",
      wide: true,
      cell: (one) => name(`${of === "file" ? "f" : "h"}:${one.key}`, one.key),
    },
    ...(of === "host" ? [{ id: "ports", label: "Ports", cell: (one: Group) => <Told text={[...one.ports].join(", ")} /> }] : []),
    { id: "did", label: "Done", cell: (one) => <Told text={didText(one)} red={one.unexplained > 0} /> },
    { id: "in", label: of === "file" ? "Read" : "Received", align: "right", cell: (one) => <Size value={one.read} /> },
    { id: "out", label: of === "file" ? "Written" : "Sent", align: "right", cell: (one) => <Size value={one.written} /> },
  ];
  return (
    <>
      <Part
        title="Spans behind it and what it did"
        rows={causes}
        keyOf={(one) => one.spanId}
        empty="No span of the trace has to do with it."
      >
        {[
          { id: "span", label: "Span", wide: true, cell: (one) => name(`s:${one.spanId}`, spanName(one.spanId)) },
          { id: "actions", label: "Actions", align: "right", cell: (one) => fullCount(one.actions) },
          { id: "sure", label: "Confidence", align: "right", cell: (one) => percent(one.link.confidence) },
          { id: "why", label: "Why", cell: (one) => <Told text={one.link.reason} /> },
        ]}
      </Part>
      <Part
        title="Processes it started"
        rows={process.children}
        keyOf={(one) => one.told.id}
        empty="It started none that was seen."
        onAll={all("time")}
      >
        {[
          { id: "command", label: "Command", wide: true, cell: (one) => name(`p:${one.told.id}`, commandOf(one.told)) },
          { id: "pid", label: "Process", align: "right", cell: (one) => one.told.pid },
          { id: "end", label: "Ended", cell: (one) => ending(one.told) },
          { id: "took", label: "Took", align: "right", cell: (one) => duration(one.until === null ? null : one.until - one.at) },
          {
            id: "why",
            label: "Belongs to",
            cell: ({ told, unexplained }) => (
              <Why link={told.link} name={told.link ? spanName(told.link.span_id) : ""} unexplained={unexplained > 0} />
            ),
          },
        ]}
      </Part>
      <Part title="Files" rows={files} keyOf={(one) => one.key} empty="It touched no file that was seen." onAll={all("files")}>
        {group("file")}
      </Part>
      <Part title="Connections" rows={hosts} keyOf={(one) => one.key} empty="It talked to no host that was seen." onAll={all("hosts")}>
        {group("host")}
      </Part>
      <Part title="Model calls on the wire" rows={process.calls} keyOf={(one) => one.span_id} empty="None was seen." onAll={all("calls")}>
        {callColumns(name, spanName)}
      </Part>
    </>
  );
}

function callColumns(name: (id: string, text: string) => ReactNode, spanName: (spanId: string) => string): readonly SmallColumn<Call>[] {
  return [
    { id: "model", label: "Model", wide: true, cell: (one) => name(`c:${one.span_id}`, one.model || "model not told") },
    { id: "server", label: "Server", cell: (one) => <Told text={one.server} mono /> },
    { id: "took", label: "Took", align: "right", cell: (one) => duration(one.duration_ns) },
    { id: "why", label: "Told by", cell: (one) => <Why link={one.link} name={one.link ? spanName(one.link.span_id) : ""} unexplained /> },
  ];
}

interface PartProps<Row> {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly empty: string;
  readonly onAll?: () => void;
  readonly children: readonly SmallColumn<Row>[];
}

function Part<Row>({ title, rows, keyOf, empty, onAll, children }: PartProps<Row>) {
  const actions =
    onAll && rows.length > MOST ? (
      <button type="button" className={styles.link} onClick={onAll}>
        All {fullCount(rows.length)}
      </button>
    ) : undefined;
  return (
    <Section title={title} note={rows.length ? fullCount(rows.length) : ""} actions={actions}>
      <SmallTable label={title} rows={rows.slice(0, MOST)} columns={children} keyOf={keyOf} empty={empty} />
    </Section>
  );
}
