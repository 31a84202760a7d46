import { memo } from "react";
import { KindIcon } from "@/components/KindIcon";
import { TimeBar } from "@/components/tree/TimeBar";
import tree from "@/components/tree/Tree.module.css";
import { TreeLine } from "@/components/tree/TreeLine";
import { kindOf } from "@/model/colours";
import { count, duration, fullCount, fullDuration, fullMoney, money, percent } from "@/model/format";
import type { TraceRows } from "@/model/trace-rows";
import type { Stretch } from "@/model/waterfall";
import styles from "./TreeView.module.css";

interface Props {
  readonly trace: TraceRows;
  readonly row: number;
  readonly level: number;
  readonly top: number;
  readonly sight: Stretch;
  readonly selected: boolean;
  readonly folded: boolean;
  readonly found: boolean;
  readonly onSelect: (row: number) => void;
  readonly onFold: (row: number) => void;
}

/** One span as a line: its name, its bar in time, and what it used with all that is below it. */
export const TreeRow = memo(function TreeRow({ trace, row, level, top, sight, selected, folded, found, onSelect, onFold }: Props) {
  const { outline } = trace;
  const name = trace.text(row, "name");
  const wrong = trace.is(row, "error");
  const took = outline.duration_ns[row] ?? 0;
  const sum = trace.sum(row);
  return (
    <TreeLine
      id={`span-${outline.span_id[row]}`}
      level={level}
      depth={outline.depth[row] ?? 0}
      label={`${name}, ${duration(took)}${wrong ? ", error" : ""}`}
      top={top}
      selected={selected}
      below={outline.descendants[row] ?? 0}
      folded={folded}
      className={`${found ? styles.found : ""} ${wrong ? styles.wrong : ""}`}
      onSelect={() => onSelect(row)}
      onFold={() => onFold(row)}
      name={
        <>
          <KindIcon kind={trace.text(row, "kind")} size={14} />
          <span className={`${tree.label} ${styles.label} cut`} title={name}>
            {name || "without a name"}
          </span>
          {trace.is(row, "orphan") ? <span className={`${tree.chip} ${styles.mark}`}>no parent</span> : null}
        </>
      }
    >
      <Bar trace={trace} row={row} sight={sight} />
      <span className={tree.took} title={fullDuration(took)}>
        {trace.is(row, "pending") ? <span className={styles.running}>running</span> : duration(took)}
      </span>
      <span className={`${tree.figure} ${styles.sum}`} title={sum.tokens ? `${fullCount(sum.tokens)} tokens, with all below` : undefined}>
        {sum.tokens ? count(sum.tokens) : ""}
      </span>
      <span className={`${tree.figure} ${styles.sum}`} title={sum.cost ? `${fullMoney(sum.cost)}, with all below` : undefined}>
        {sum.cost ? money(sum.cost) : ""}
      </span>
    </TreeLine>
  );
});

function Bar({ trace, row, sight }: Pick<Props, "trace" | "row" | "sight">) {
  const { outline } = trace;
  const took = outline.duration_ns[row] ?? 0;
  const start = outline.start_ns[row] ?? 0;
  const own = outline.self_ns[row] ?? 0;
  const pending = trace.is(row, "pending");
  const critical = trace.is(row, "critical");
  return (
    <TimeBar
      at={start}
      took={pending ? Math.max(took, trace.end - start) : took}
      sight={sight}
      title={`${duration(took)}, of which ${duration(own)} (${percent(took ? own / took : 1)}) its own · starts at ${duration(start)}${critical ? " · on the critical path" : ""}`}
      className={`${styles.bar} ${critical ? styles.critical : ""} ${pending ? tree.open : ""}`}
      colour={trace.is(row, "error") ? "var(--status-error)" : `var(--kind-${kindOf(trace.text(row, "kind"))})`}
    />
  );
}
