/** One line of the waterfall of evidence: a span, a process or a call on the wire. */
import { IconAlertTriangle, IconNetwork, IconTerminal2 } from "@tabler/icons-react";
import { memo } from "react";
import { KindIcon } from "@/components/KindIcon";
import type { Sort } from "@/model/evidence";
import type { CallNode, EvidenceRow, ProcessNode, SpanNode } from "@/model/evidence-rows";
import { because, commandOf, ending, failure, visible } from "@/model/evidence-words";
import { count, duration, fullDuration, percent, plural } from "@/model/format";
import type { TraceRows } from "@/model/trace-rows";
import type { Stretch } from "@/model/waterfall";
import { TimeBar } from "../tree/TimeBar";
import tree from "../tree/Tree.module.css";
import { TreeLine } from "../tree/TreeLine";
import styles from "./Evidence.module.css";
import { Marks } from "./Marks";

export interface Caused {
  readonly processes: number;
  readonly files: number;
  readonly hosts: number;
}

interface Props {
  readonly row: EvidenceRow;
  readonly trace: TraceRows;
  readonly caused: Caused | undefined;
  readonly sorts: ReadonlySet<Sort>;
  readonly sight: Stretch;
  readonly top: number;
  readonly selected: boolean;
  readonly onSelect: (row: EvidenceRow) => void;
  readonly onFold: (id: string) => void;
}

export const Line = memo(function Line({ row, top, selected, onSelect, onFold, ...of }: Props) {
  const { node, level, folded, below } = row;
  return (
    <TreeLine
      id={`evidence-${node.id}`}
      level={level}
      depth={level}
      label={nameOf(row, of.trace)}
      top={top}
      selected={selected}
      below={below}
      folded={folded}
      className=""
      onSelect={() => onSelect(row)}
      onFold={() => onFold(node.id)}
      name={
        <>
          {node.type === "span" ? <SpanName node={node} trace={of.trace} /> : null}
          {node.type === "process" ? <ProcessName node={node} /> : null}
          {node.type === "call" ? <CallName node={node} /> : null}
        </>
      }
    >
      {node.type === "span" ? <SpanFigures node={node} {...of} /> : null}
      {node.type === "process" ? <ProcessFigures node={node} {...of} /> : null}
      {node.type === "call" ? <CallFigures node={node} {...of} /> : null}
    </TreeLine>
  );
});

type Of = Pick<Props, "trace" | "caused" | "sorts" | "sight">;

function nameOf({ node }: EvidenceRow, trace: TraceRows): string {
  if (node.type === "span") return `${visible(trace.text(node.row, "name"))}${node.unsupported ? `, ${node.unsupported}` : ""}`;
  if (node.type === "call") return `model call ${visible(node.call.model)} on the wire, ${because(node.call.link)}`;
  const { told, unexplained } = node.process;
  return `process ${told.pid}, ${commandOf(told)}, ${ending(told)}, ${because(told.link)}${unexplained ? `, ${count(unexplained)} unexplained` : ""}`;
}

function SpanName({ node, trace }: { readonly node: SpanNode; readonly trace: TraceRows }) {
  const name = visible(trace.text(node.row, "name"));
  return (
    <>
      <KindIcon kind={trace.text(node.row, "kind")} size={14} />
      <span className={`${tree.label} ${styles.spanName} cut`} title={name}>
        {name || "without a name"}
      </span>
      {node.unsupported ? (
        <span className={`${tree.chip} ${styles.amber}`} title={node.unsupported}>
          no evidence
        </span>
      ) : null}
    </>
  );
}

function ProcessName({ node }: { readonly node: ProcessNode }) {
  const { told, unexplained } = node.process;
  const command = commandOf(told);
  const wrong = failure(told);
  return (
    <>
      <IconTerminal2 size={14} stroke={1.75} className={unexplained ? styles.red : styles.icon} aria-hidden />
      <span className={`${styles.command} cut mono`} title={command}>
        {command}
      </span>
      {unexplained ? (
        <span className={`${tree.chip} ${styles.red}`} title={`${plural(unexplained, "action")} that nothing in the trace accounts for`}>
          <IconAlertTriangle size={11} aria-hidden /> {count(unexplained)}
        </span>
      ) : null}
      {wrong ? <span className={`${tree.chip} ${tree.plain}`}>{wrong}</span> : null}
    </>
  );
}

function CallName({ node }: { readonly node: CallNode }) {
  const { call } = node;
  const text = visible([call.model || "model call", call.server].filter(Boolean).join(" · "));
  return (
    <>
      <IconNetwork size={14} stroke={1.75} className={call.link ? styles.wire : styles.red} aria-hidden />
      <span className={`${tree.label} cut`} title={`Seen in the plaintext of a connection: ${text}`}>
        {text}
      </span>
      <span className={`${tree.chip} ${call.link ? tree.plain : styles.red}`}>{call.link ? "on the wire" : "in no span"}</span>
    </>
  );
}

function SpanFigures({ node, trace, caused, sight }: Of & { readonly node: SpanNode }) {
  const took = trace.outline.duration_ns[node.row] ?? 0;
  const pending = trace.is(node.row, "pending");
  const did = caused ? didText(caused) : "";
  return (
    <>
      <TimeBar
        at={node.at}
        took={pending ? Math.max(took, trace.end - node.at) : took}
        sight={sight}
        title={`${duration(took)}, from ${duration(node.at)} on`}
        className={`${styles.told} ${node.unsupported ? styles.doubted : ""} ${pending ? tree.open : ""}`}
      />
      <span className={tree.took} title={fullDuration(took)}>
        {pending ? "running" : duration(took)}
      </span>
      <span className={`${tree.figure} cut`} title={did}>
        {did}
      </span>
    </>
  );
}

function didText({ processes, files, hosts }: Caused): string {
  const parts = [
    processes ? plural(processes, "process", "processes") : "",
    files ? plural(files, "file") : "",
    hosts ? plural(hosts, "host") : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

function ProcessFigures({ node, sorts, sight }: Of & { readonly node: ProcessNode }) {
  const { process } = node;
  const took = process.until === null ? null : process.until - process.at;
  return (
    <>
      <Marks process={process} sight={sight} sorts={sorts} title={`${commandOf(process.told)}\n${because(process.told.link)}`} />
      <span className={tree.took} title={took === null ? "was not seen to end" : fullDuration(took)}>
        {duration(took)}
      </span>
      <Sure link={process.told.link} />
    </>
  );
}

function CallFigures({ node, sight }: Of & { readonly node: CallNode }) {
  const { call } = node;
  return (
    <>
      <TimeBar
        at={call.at}
        took={call.duration_ns}
        sight={sight}
        title={because(call.link)}
        className={call.link ? styles.wireBar : styles.redBar}
      />
      <span className={tree.took} title={fullDuration(call.duration_ns)}>
        {duration(call.duration_ns)}
      </span>
      <Sure link={call.link} />
    </>
  );
}

/** How sure a link is, with the reason beside it. */
function Sure({ link }: { readonly link: ProcessNode["process"]["told"]["link"] }) {
  return (
    <span className={`${tree.figure} cut`} title={because(link)}>
      {link ? (
        <>
          <span className={styles.sure}>{percent(link.confidence)}</span> {visible(link.reason)}
        </>
      ) : null}
    </span>
  );
}
