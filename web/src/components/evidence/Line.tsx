/** One line of the waterfall of evidence: a span, a process or a call on the wire. */
import { IconAlertTriangle, IconChevronDown, IconChevronRight, IconNetwork, IconTerminal2 } from "@tabler/icons-react";
import { memo } from "react";
import { KindIcon } from "@/components/KindIcon";
import type { Sort } from "@/model/evidence";
import type { CallNode, EvidenceRow, ProcessNode, SpanNode } from "@/model/evidence-rows";
import { because, commandOf, ending, failure, visible } from "@/model/evidence-words";
import { count, duration, fullDuration, percent, plural } from "@/model/format";
import type { TraceRows } from "@/model/trace-rows";
import { barPlace, type Stretch } from "@/model/waterfall";
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

const INDENT_PX = 14;
const MOST_LEVELS = 20; // deeper ones are not set in further: names must stay in sight

export const Line = memo(function Line({ row, top, selected, onSelect, onFold, ...of }: Props) {
  const { node, level, folded, below } = row;
  return (
    <div
      id={`evidence-${node.id}`}
      role="treeitem"
      aria-level={level + 1}
      aria-selected={selected}
      aria-expanded={below ? !folded : undefined}
      aria-label={nameOf(row, of.trace)}
      tabIndex={-1}
      className={`${styles.row} ${selected ? styles.selected : ""} ${node.type === "span" ? styles.span : ""}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(row)}
      onKeyDown={undefined}
    >
      <div className={styles.name} style={{ paddingLeft: Math.min(level, MOST_LEVELS) * INDENT_PX }}>
        {below ? (
          <button
            type="button"
            tabIndex={-1}
            className={styles.fold}
            aria-label={folded ? "Unfold" : "Fold"}
            onClick={(event) => {
              event.stopPropagation();
              onFold(node.id);
            }}
          >
            {folded ? <IconChevronRight size={13} /> : <IconChevronDown size={13} />}
          </button>
        ) : (
          <span className={styles.leaf} />
        )}
        {node.type === "span" ? <SpanName node={node} trace={of.trace} /> : null}
        {node.type === "process" ? <ProcessName node={node} /> : null}
        {node.type === "call" ? <CallName node={node} /> : null}
        {folded ? <span className={styles.chip}>{count(below)}</span> : null}
      </div>
      {node.type === "span" ? <SpanFigures node={node} {...of} /> : null}
      {node.type === "process" ? <ProcessFigures node={node} {...of} /> : null}
      {node.type === "call" ? <CallFigures node={node} {...of} /> : null}
    </div>
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
      <span className={`${styles.label} cut`} title={name}>
        {name || "without a name"}
      </span>
      {node.unsupported ? (
        <span className={`${styles.chip} ${styles.amber}`} title={node.unsupported}>
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
        <span className={`${styles.chip} ${styles.red}`} title={`${plural(unexplained, "action")} that nothing in the trace accounts for`}>
          <IconAlertTriangle size={11} aria-hidden /> {count(unexplained)}
        </span>
      ) : null}
      {wrong ? <span className={`${styles.chip} ${styles.plain}`}>{wrong}</span> : null}
    </>
  );
}

function CallName({ node }: { readonly node: CallNode }) {
  const { call } = node;
  const text = visible([call.model || "model call", call.server].filter(Boolean).join(" · "));
  return (
    <>
      <IconNetwork size={14} stroke={1.75} className={call.link ? styles.wire : styles.red} aria-hidden />
      <span className={`${styles.label} cut`} title={`Seen in the plaintext of a connection: ${text}`}>
        {text}
      </span>
      <span className={`${styles.chip} ${call.link ? styles.plain : styles.red}`}>{call.link ? "on the wire" : "in no span"}</span>
    </>
  );
}

function SpanFigures({ node, trace, caused, sight }: Of & { readonly node: SpanNode }) {
  const took = trace.outline.duration_ns[node.row] ?? 0;
  const pending = trace.is(node.row, "pending");
  const place = barPlace(node.at, pending ? Math.max(took, trace.end - node.at) : took, sight);
  const did = caused ? didText(caused) : "";
  return (
    <>
      <div className={styles.time} title={`${duration(took)}, from ${duration(node.at)} on`}>
        {place ? (
          <div
            className={`${styles.bar} ${styles.told} ${node.unsupported ? styles.doubted : ""} ${pending ? styles.open : ""}`}
            style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%` }}
          />
        ) : null}
      </div>
      <span className={styles.took} title={fullDuration(took)}>
        {pending ? "running" : duration(took)}
      </span>
      <span className={`${styles.figure} cut`} title={did}>
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
      <span className={styles.took} title={took === null ? "was not seen to end" : fullDuration(took)}>
        {duration(took)}
      </span>
      <Sure link={process.told.link} />
    </>
  );
}

function CallFigures({ node, sight }: Of & { readonly node: CallNode }) {
  const { call } = node;
  const place = barPlace(call.at, call.duration_ns, sight);
  return (
    <>
      <div className={styles.time} title={because(call.link)}>
        {place ? (
          <div
            className={`${styles.bar} ${call.link ? styles.wireBar : styles.redBar}`}
            style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%` }}
          />
        ) : null}
      </div>
      <span className={styles.took} title={fullDuration(call.duration_ns)}>
        {duration(call.duration_ns)}
      </span>
      <Sure link={call.link} />
    </>
  );
}

/** How sure a link is, with the reason beside it. */
function Sure({ link }: { readonly link: ProcessNode["process"]["told"]["link"] }) {
  return (
    <span className={`${styles.figure} cut`} title={because(link)}>
      {link ? (
        <>
          <span className={styles.sure}>{percent(link.confidence)}</span> {visible(link.reason)}
        </>
      ) : null}
    </span>
  );
}
