/** Tree and waterfall in one list: only rows in sight are drawn, all of one height, each placed by a transform. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef } from "react";
import { useKeys } from "@/app/keys";
import { placeOf, type TraceRows, type Visible } from "@/model/trace-rows";
import { panned, type Stretch, wholeOf, zoomed } from "@/model/waterfall";
import { TimeAxis } from "./TimeAxis";
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

const ROW_PX = 28;
const GROUP = "Trace";

export function TreeView({ trace, visible, folded, selected, found, sight, onSight, onSelect, onFold }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const place = selected < 0 ? -1 : placeOf(visible, selected);
  const virtual = useVirtualizer({
    count: visible.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    scrollPaddingStart: 30,
  });
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place, { align: "auto" });
  }, [place, virtual]);
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
    { keys: "j", label: "Next span", group: GROUP, run: () => go(1) },
    { keys: "k", label: "Span before", group: GROUP, run: () => go(-1) },
    { keys: "ArrowDown", label: "Next span", group: GROUP, run: () => go(1), silent: true },
    { keys: "ArrowUp", label: "Span before", group: GROUP, run: () => go(-1), silent: true },
    { keys: "PageDown", label: "A page on", group: GROUP, run: () => go(20), silent: true },
    { keys: "PageUp", label: "A page back", group: GROUP, run: () => go(-20), silent: true },
    { keys: "Home", label: "First span", group: GROUP, run: () => go(Number.NEGATIVE_INFINITY), silent: true },
    { keys: "End", label: "Last span", group: GROUP, run: () => go(Number.POSITIVE_INFINITY), silent: true },
    { keys: "ArrowLeft", label: "Fold, or go to the parent", group: GROUP, run: () => fold(true) },
    { keys: "ArrowRight", label: "Unfold, or go to the child", group: GROUP, run: () => fold(false) },
    { keys: "+", label: "Zoom in", group: GROUP, run: () => onSight(zoomed(sight, 0.5, centre(trace, selected, sight), trace.end)) },
    { keys: "-", label: "Zoom out", group: GROUP, run: () => onSight(zoomed(sight, 2, 0.5, trace.end)) },
    { keys: "0", label: "Show all of the time", group: GROUP, run: () => onSight(wholeOf(trace.end)) },
    { keys: "<", label: "Earlier", group: GROUP, run: () => onSight(panned(sight, -0.25, trace.end)) },
    { keys: ">", label: "Later", group: GROUP, run: () => onSight(panned(sight, 0.25, trace.end)) },
  ]);
  const choose = useCallback((row: number) => onSelect(row, false), [onSelect]);
  const toggle = useCallback((row: number) => onFold(row), [onFold]);
  const active = place >= 0 ? { "aria-activedescendant": `span-${trace.outline.span_id[selected]}` } : {};
  return (
    <div ref={scroller} className={styles.tree} role="tree" aria-label="Spans" tabIndex={0} {...active}>
      <div className={styles.head} aria-hidden>
        <span>Name</span>
        <TimeAxis sight={sight} end={trace.end} onSight={onSight} />
        <span className={styles.right}>Took</span>
        <span className={styles.figure}>Tokens</span>
        <span className={styles.figure}>Cost</span>
      </div>
      <div className={styles.body} role="none" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = visible.rows[item.index] ?? 0;
          return (
            <TreeRow
              key={trace.outline.span_id[row]}
              trace={trace}
              row={row}
              level={visible.levels[item.index] ?? 0}
              top={item.start}
              sight={sight}
              selected={row === selected}
              folded={folded.has(trace.outline.span_id[row] ?? "")}
              found={found.has(row)}
              onSelect={choose}
              onFold={toggle}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Where the chosen span lies, as a share of what is in sight: it stays there while one zooms. */
function centre(trace: TraceRows, row: number, sight: Stretch): number {
  if (row < 0) return 0.5;
  const middle = (trace.outline.start_ns[row] ?? 0) + (trace.outline.duration_ns[row] ?? 0) / 2;
  return Math.min(1, Math.max(0, (middle - sight.from) / (sight.to - sight.from)));
}
