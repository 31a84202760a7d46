/** Rows of any columns, of which only those in sight are drawn. Roles in place of <table>: rows that are not drawn cannot be those of a real one. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { cellText, isNumeric, type SqlRow, shownIn } from "@/model/sql-answer";
import styles from "./ResultTable.module.css";

interface Props {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly SqlRow[];
  readonly stale?: boolean;
}

const ROW_PX = 28;
const HEAD_PX = 28;
const CHARACTER_PX = 7.4;

export function ResultTable({ label, columns, rows, stale = false }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 16,
    scrollMargin: HEAD_PX,
  });
  const shapes = useMemo(
    () =>
      columns.map((column) => {
        const shown = shownIn(rows, column);
        return { column, shown, right: isNumeric(rows, column), width: widthOf(rows, column, shown) };
      }),
    [columns, rows],
  );
  // Text takes the room that is left: a column of figures stays beside its neighbours.
  const wide = shapes.findLastIndex((one) => !one.right);
  const template = shapes.map((one, at) => (at === wide ? `minmax(${one.width}px, 1fr)` : `${one.width}px`)).join(" ");
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      style={{ opacity: stale ? 0.6 : 1 }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <div className={styles.inner} role="table" aria-label={label} aria-rowcount={rows.length}>
        <div role="row" className={styles.head} style={{ gridTemplateColumns: template }}>
          {shapes.map(({ column, right }) => (
            <div key={column} role="columnheader" className={`${styles.cell} ${right ? styles.right : ""}`} title={column}>
              {column}
            </div>
          ))}
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className={styles.row}
              style={{ transform: `translateY(${item.start - HEAD_PX}px)`, gridTemplateColumns: template }}
            >
              {shapes.map(({ column, shown, right }) => {
                const value = rows[item.index]?.[column];
                return (
                  <div key={column} role="cell" className={`${styles.cell} ${right ? styles.right : ""}`} title={cellText(value)}>
                    {shown(value) || <span className={styles.none}>empty</span>}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function widthOf(rows: readonly SqlRow[], column: string, shown: (value: unknown) => string): number {
  const longest = rows.slice(0, 100).reduce((most, row) => Math.max(most, shown(row[column]).length), column.length);
  return Math.round(Math.min(360, Math.max(72, longest * CHARACTER_PX + 24)));
}
