/** The waterfall of evidence: spans, processes and calls on the wire, each below what caused it. */
import { useCallback, useMemo } from "react";
import { useKeys } from "@/app/keys";
import type { Sort } from "@/model/evidence";
import type { EvidenceRow } from "@/model/evidence-rows";
import type { TraceRows } from "@/model/trace-rows";
import type { Stretch } from "@/model/waterfall";
import { walkKeys, zoomKeys } from "../tree/keys";
import { TimeAxis } from "../tree/TimeAxis";
import { Tree } from "../tree/Tree";
import columns from "../tree/Tree.module.css";
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
  readonly onSight: (sight: Stretch) => void;
  readonly onSelect: (row: EvidenceRow, walking: boolean) => void;
  readonly onFold: (id: string, folded?: boolean) => void;
}

const GROUP = "Evidence";

export function EvidenceTree({ trace, rows, caused, sorts, selected, sight, onSight, onSelect, onFold }: Props) {
  const place = useMemo(() => (selected === null ? -1 : rows.findIndex((row) => row.node.id === selected)), [rows, selected]);
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
    ...walkKeys({ group: GROUP, noun: "line", go, fold }),
    ...zoomKeys({ group: GROUP, sight, end: trace.end, centre: centre(at, sight), onSight }),
  ]);
  const choose = useCallback((row: EvidenceRow) => onSelect(row, false), [onSelect]);
  const toggle = useCallback((id: string) => onFold(id), [onFold]);
  return (
    <Tree
      label="Evidence"
      className={styles.tree ?? ""}
      count={rows.length}
      place={place}
      active={`evidence-${selected}`}
      head={
        <>
          <span>Span or process</span>
          <TimeAxis sight={sight} end={trace.end} onSight={onSight} />
          <span className={columns.took}>Took</span>
          <span className={columns.figure}>Caused, or why</span>
        </>
      }
      line={(index, top) => {
        const row = rows[index];
        return row ? (
          <Line
            key={row.node.id}
            row={row}
            trace={trace}
            caused={row.node.type === "span" ? caused.get(row.node.spanId) : undefined}
            sorts={sorts}
            sight={sight}
            top={top}
            selected={index === place}
            onSelect={choose}
            onFold={toggle}
          />
        ) : null;
      }}
    />
  );
}

/** Where the chosen line begins, as a share of what is in sight: it stays there while one zooms. */
function centre(row: EvidenceRow | undefined, sight: Stretch): number {
  return row ? Math.min(1, Math.max(0, (row.node.at - sight.from) / (sight.to - sight.from))) : 0.5;
}
