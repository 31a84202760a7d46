import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { memo } from "react";
import { KindIcon } from "@/components/KindIcon";
import { kindOf } from "@/model/colours";
import { count, duration, fullCount, fullDuration, fullMoney, money, percent } from "@/model/format";
import type { TraceRows } from "@/model/trace-rows";
import { barPlace, type Stretch } from "@/model/waterfall";
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

const INDENT_PX = 14;
const MOST_LEVELS = 24; // deeper ones are not set in further: names must stay in sight

/** One span as a line: its name, its bar in time, and what it used with all that is below it. */
export const TreeRow = memo(function TreeRow({ trace, row, level, top, sight, selected, folded, found, onSelect, onFold }: Props) {
  const { outline } = trace;
  const name = trace.text(row, "name");
  const below = outline.descendants[row] ?? 0;
  const wrong = trace.is(row, "error");
  const sum = trace.sum(row);
  const state = [selected ? styles.selected : "", found ? styles.found : "", wrong ? styles.wrong : ""].join(" ");
  return (
    <div
      id={`span-${outline.span_id[row]}`}
      role="treeitem"
      aria-level={(outline.depth[row] ?? 0) + 1}
      aria-selected={selected}
      aria-expanded={below ? !folded : undefined}
      aria-label={`${name}, ${duration(outline.duration_ns[row])}${wrong ? ", error" : ""}`}
      tabIndex={-1}
      className={`${styles.row} ${state}`}
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
              onFold(row);
            }}
          >
            {folded ? <IconChevronRight size={13} /> : <IconChevronDown size={13} />}
          </button>
        ) : (
          <span className={styles.leaf} />
        )}
        <KindIcon kind={trace.text(row, "kind")} size={14} />
        <span className={`${styles.label} cut`} title={name}>
          {name || "without a name"}
        </span>
        {folded ? <span className={styles.count}>{count(below)}</span> : null}
        {trace.is(row, "orphan") ? <span className={styles.mark}>no parent</span> : null}
      </div>
      <Bar trace={trace} row={row} sight={sight} />
      <span className={styles.took} title={fullDuration(outline.duration_ns[row] ?? 0)}>
        {trace.is(row, "pending") ? <span className={styles.running}>running</span> : duration(outline.duration_ns[row])}
      </span>
      <span className={styles.figure} title={sum.tokens ? `${fullCount(sum.tokens)} tokens, with all below` : undefined}>
        {sum.tokens ? count(sum.tokens) : ""}
      </span>
      <span className={styles.figure} title={sum.cost ? `${fullMoney(sum.cost)}, with all below` : undefined}>
        {sum.cost ? money(sum.cost) : ""}
      </span>
    </div>
  );
});

function Bar({ trace, row, sight }: Pick<Props, "trace" | "row" | "sight">) {
  const { outline } = trace;
  const took = outline.duration_ns[row] ?? 0;
  const pending = trace.is(row, "pending");
  const start = outline.start_ns[row] ?? 0;
  const place = barPlace(start, pending ? Math.max(took, trace.end - start) : took, sight);
  const own = outline.self_ns[row] ?? 0;
  const critical = trace.is(row, "critical");
  const title = `${duration(took)}, of which ${duration(own)} (${percent(took ? own / took : 1)}) its own · starts at ${duration(start)}${critical ? " · on the critical path" : ""}`;
  return (
    <div className={styles.time} title={title}>
      {place ? (
        <div
          className={`${styles.bar} ${critical ? styles.critical : ""} ${pending ? styles.pending : ""}`}
          style={{
            left: `${place.left * 100}%`,
            width: `${place.width * 100}%`,
            backgroundColor: trace.is(row, "error") ? "var(--status-error)" : `var(--kind-${kindOf(trace.text(row, "kind"))})`,
          }}
        />
      ) : null}
    </div>
  );
}
