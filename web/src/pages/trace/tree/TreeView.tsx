/** Tree and waterfall of all spans. */
import { useCallback } from "react";
import { useKeys } from "@/app/keys";
import { walkKeys, zoomKeys } from "@/components/tree/keys";
import { TimeAxis } from "@/components/tree/TimeAxis";
import { Tree } from "@/components/tree/Tree";
import columns from "@/components/tree/Tree.module.css";
import { placeOf, type TraceRows, type Visible } from "@/model/trace-rows";
import type { Stretch } from "@/model/waterfall";
import { TreeRow } from "./TreeRow";
import styles from "./TreeView.module.css";

interface Props {
  readonly trace: TraceRows;
  readonly visible: Visible;
  readonly folded: ReadonlySet<string>;
  /** Row of the chosen span; -1: none. */
  readonly selected: number;
  readonly found: ReadonlySet<number>;
  readonly sight: Stretch;
  readonly onSight: (sight: Stretch) => void;
  readonly onSelect: (row: number, walking: boolean) => void;
  readonly onFold: (row: number, folded?: boolean) => void;
}

const GROUP = "Trace";

export function TreeView({ trace, visible, folded, selected, found, sight, onSight, onSelect, onFold }: Props) {
  const place = selected < 0 ? -1 : placeOf(visible, selected);
  const go = (step: number) => {
    const to = Math.min(visible.rows.length - 1, Math.max(0, place < 0 ? 0 : place + step));
    const row = visible.rows[to];
    if (row !== undefined) onSelect(row, true);
  };
  const fold = (close: boolean) => {
    if (selected < 0) return;
    const isFolded = folded.has(trace.outline.span_id[selected] ?? "");
    const below = (trace.outline.descendants[selected] ?? 0) > 0;
    if (close && (isFolded || !below)) onSelect(Math.max(trace.parent[selected] ?? 0, 0), true);
    else if (!close && (!isFolded || !below)) go(1);
    else onFold(selected, close);
  };
  useKeys([
    ...walkKeys({ group: GROUP, noun: "span", go, fold }),
    ...zoomKeys({ group: GROUP, sight, end: trace.end, centre: centre(trace, selected, sight), onSight }),
  ]);
  const choose = useCallback((row: number) => onSelect(row, false), [onSelect]);
  const toggle = useCallback((row: number) => onFold(row), [onFold]);
  return (
    <Tree
      label="Spans"
      className={styles.tree ?? ""}
      count={visible.rows.length}
      place={place}
      active={`span-${trace.outline.span_id[selected]}`}
      head={
        <>
          <span>Name</span>
          <TimeAxis sight={sight} end={trace.end} onSight={onSight} />
          <span className={columns.took}>Took</span>
          <span className={`${columns.figure} ${styles.sum}`}>Tokens</span>
          <span className={`${columns.figure} ${styles.sum}`}>Cost</span>
        </>
      }
      line={(at, top) => {
        const row = visible.rows[at] ?? 0;
        const id = trace.outline.span_id[row] ?? "";
        return (
          <TreeRow
            key={id}
            trace={trace}
            row={row}
            level={visible.levels[at] ?? 0}
            top={top}
            sight={sight}
            selected={row === selected}
            folded={folded.has(id)}
            found={found.has(row)}
            onSelect={choose}
            onFold={toggle}
          />
        );
      }}
    />
  );
}

/** Where the chosen span lies, as a share of what is in sight: it stays there while one zooms. */
function centre(trace: TraceRows, row: number, sight: Stretch): number {
  if (row < 0) return 0.5;
  const middle = (trace.outline.start_ns[row] ?? 0) + (trace.outline.duration_ns[row] ?? 0) / 2;
  return Math.min(1, Math.max(0, (middle - sight.from) / (sight.to - sight.from)));
}
