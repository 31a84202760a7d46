/** The waterfall of evidence in one list: only lines in sight are drawn, all of one height, each placed by a transform. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";
import { useKeys } from "@/app/keys";
import type { Sort } from "@/model/evidence";
import type { EvidenceRow } from "@/model/evidence-rows";
import type { TraceRows } from "@/model/trace-rows";
import { panned, type Stretch, wholeOf, zoomed } from "@/model/waterfall";
import styles from "./Evidence.module.css";
import { type Caused, Line } from "./Line";

interface Props {
  readonly trace: TraceRows;
  readonly rows: readonly EvidenceRow[];
  readonly caused: ReadonlyMap<string, Caused>;
  readonly sorts: ReadonlySet<Sort>;
  /** Id of the chosen line; null: none. */
  readonly selected: string | null;
  readonly sight: Stretch;
  readonly axis: ReactNode;
  readonly onSight: (sight: Stretch) => void;
  readonly onSelect: (row: EvidenceRow, walking: boolean) => void;
  readonly onFold: (id: string, folded?: boolean) => void;
}

const ROW_PX = 28;
const GROUP = "Evidence";

export function EvidenceTree({ trace, rows, caused, sorts, selected, sight, axis, onSight, onSelect, onFold }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const place = useMemo(() => (selected === null ? -1 : rows.findIndex((row) => row.node.id === selected)), [rows, selected]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    scrollPaddingEnd: 30, // the heading lies above the lines
  });
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place, { align: "auto" });
  }, [place, virtual]);
  const at = rows[place];
  const go = (step: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, place < 0 ? 0 : place + step))];
    if (row) onSelect(row, true);
  };
  const fold = (close: boolean) => {
    if (!at) return;
    if (close && (at.folded || !at.below)) {
      const above = rows.slice(0, place).findLast((row) => row.level < at.level);
      if (above) onSelect(above, true);
    } else if (!close && !at.folded) go(1);
    else onFold(at.node.id, close);
  };
  useKeys([
    { keys: "j", label: "Next line", group: GROUP, run: () => go(1) },
    { keys: "k", label: "Line before", group: GROUP, run: () => go(-1) },
    { keys: "ArrowDown", label: "Next line", group: GROUP, run: () => go(1), silent: true },
    { keys: "ArrowUp", label: "Line before", group: GROUP, run: () => go(-1), silent: true },
    { keys: "PageDown", label: "A page on", group: GROUP, run: () => go(20), silent: true },
    { keys: "PageUp", label: "A page back", group: GROUP, run: () => go(-20), silent: true },
    { keys: "Home", label: "First line", group: GROUP, run: () => go(Number.NEGATIVE_INFINITY), silent: true },
    { keys: "End", label: "Last line", group: GROUP, run: () => go(Number.POSITIVE_INFINITY), silent: true },
    { keys: "ArrowLeft", label: "Fold, or go to what is above", group: GROUP, run: () => fold(true) },
    { keys: "ArrowRight", label: "Unfold, or go to what is below", group: GROUP, run: () => fold(false) },
    { keys: "+", label: "Zoom in", group: GROUP, run: () => onSight(zoomed(sight, 0.5, centre(at, sight), trace.end)) },
    { keys: "-", label: "Zoom out", group: GROUP, run: () => onSight(zoomed(sight, 2, 0.5, trace.end)) },
    { keys: "0", label: "Show all of the time", group: GROUP, run: () => onSight(wholeOf(trace.end)) },
    { keys: "<", label: "Earlier", group: GROUP, run: () => onSight(panned(sight, -0.25, trace.end)) },
    { keys: ">", label: "Later", group: GROUP, run: () => onSight(panned(sight, 0.25, trace.end)) },
  ]);
  const choose = useCallback((row: EvidenceRow) => onSelect(row, false), [onSelect]);
  const toggle = useCallback((id: string) => onFold(id), [onFold]);
  const active = place >= 0 ? { "aria-activedescendant": `evidence-${selected}` } : {};
  return (
    <div ref={scroller} className={styles.tree} role="tree" aria-label="Evidence" tabIndex={0} {...active}>
      <div className={styles.head} aria-hidden>
        <span>Span or process</span>
        {axis}
        <span className={styles.right}>Took</span>
        <span className={styles.figure}>Caused, or why</span>
      </div>
      <div className={styles.body} role="none" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row ? (
            <Line
              key={row.node.id}
              row={row}
              trace={trace}
              caused={row.node.type === "span" ? caused.get(row.node.spanId) : undefined}
              sorts={sorts}
              sight={sight}
              top={item.start}
              selected={item.index === place}
              onSelect={choose}
              onFold={toggle}
            />
          ) : null;
        })}
      </div>
    </div>
  );
}

/** Where the chosen line begins, as a share of what is in sight: it stays there while one zooms. */
function centre(row: EvidenceRow | undefined, sight: Stretch): number {
  return row ? Math.min(1, Math.max(0, (row.node.at - sight.from) / (sight.to - sight.from))) : 0.5;
}
