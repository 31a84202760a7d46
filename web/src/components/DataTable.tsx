/** A list of any length: only the rows in sight are drawn. Every row is a link; arrows, j and k walk, Enter opens. On narrow screens a row is drawn by `compact`.
 * Roles in place of <table>: rows that are not drawn cannot be those of a real one. */
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type DragEvent, type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useKeys } from "@/app/keys";
import { leastPx } from "@/model/tracks";
import styles from "./DataTable.module.css";
import { ResizeHandle } from "./ResizeHandle";
import { RowCheck } from "./RowCheck";
import { Skeleton } from "./Skeleton";
import { useRowWalk } from "./useRowWalk";

export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  /** A CSS grid track: `96px`, `minmax(200px, 1fr)`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: "right";
  readonly sortable?: boolean;
}

/** Rows that were chosen for something. Boxes, `x` and Shift with arrows choose; with Shift all between are. */
export interface Selection {
  readonly has: (at: number) => boolean;
  readonly toggle: (at: number, range: boolean, from?: number) => void;
  readonly toggleAll: () => void;
  readonly state: "none" | "some" | "all";
}

/** Where somebody may change the columns. */
export interface ColumnChanges {
  readonly onWidth: (column: string, px: number) => void;
  /** The column is to stand where the other one is. */
  readonly onMove: (column: string, place: string) => void;
}

interface Props<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly linkOf: (row: Row) => LinkProps;
  /** What a row's link is called to those who do not see the row. */
  readonly nameOf: (row: Row) => string;
  readonly compact: (row: Row) => ReactNode;
  /** Height of a compact row. */
  readonly compactPx?: number;
  readonly sort?: string;
  /** Which way round; left out: latest or largest first. */
  readonly order?: "asc" | "desc";
  readonly onSort?: (column: string) => void;
  /** Called when the end comes into sight and there is more. */
  readonly onMore?: (() => void) | undefined;
  readonly loading?: boolean;
  /** Old rows are shown until new ones come. */
  readonly stale?: boolean;
  readonly selection?: Selection;
  readonly changes?: ColumnChanges;
}

const ROW_PX = 34;
const COMPACT_PX = 62;
const COMPACT_BELOW_PX = 640;
const HEAD_PX = 30;
const OVERSCAN = 6;
const CHECK = "18px";
const GAP_PX = 12;
const SIDES_PX = 2 * 16;
const NO_KEYS = [] as const;

export function DataTable<Row>({
  rows,
  columns,
  sort,
  order = "desc",
  onSort,
  onMore,
  loading = false,
  stale = false,
  selection,
  changes,
  compactPx = COMPACT_PX,
  keyOf,
  ...of
}: Props<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const size = useElementSize();
  const narrow = size.width > 0 && size.width < COMPACT_BELOW_PX;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? compactPx : ROW_PX),
    overscan: OVERSCAN,
    scrollPaddingStart: narrow ? 0 : HEAD_PX,
    getItemKey: useCallback((at: number) => (rows[at] === undefined ? at : keyOf(rows[at])), [rows, keyOf]), // another function is another list
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows have another height then
  useEffect(() => virtual.measure(), [narrow, compactPx]);
  const walk = useRowWalk(scroller, rows.length, (at) => virtual.scrollToIndex(at));
  useKeys(
    selection
      ? [
          {
            keys: "x",
            label: "Select row",
            group: "Lists",
            run: () => {
              const row = scroller.current?.querySelector<HTMLElement>("[data-row]:focus")?.dataset["row"];
              if (row) selection.toggle(Number(row), false);
            },
          },
        ]
      : NO_KEYS,
  );
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (onMore && last >= rows.length - 2 * OVERSCAN) onMore();
  }, [onMore, last, rows.length]);
  const [sizing, setSizing] = useState<{ readonly id: string; readonly px: number } | null>(null);
  const tracks = columns.map((column) => (column.id === sizing?.id ? `${sizing.px}px` : column.width));
  const all = [...(selection ? [CHECK] : []), ...tracks];
  const template = all.join(" ");
  const least = narrow ? undefined : leastPx(all, GAP_PX) + SIDES_PX;
  const press = (event: KeyboardEvent) => {
    const row = Number((event.target as HTMLElement).dataset["row"] ?? Number.NaN);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (selection && event.shiftKey && step && row + step >= 0 && row + step < rows.length) selection.toggle(row + step, true, row);
    walk.onKeyDown(event);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys walk the links inside, which are what has the focus
    <div
      ref={useMergedRef(scroller, size.ref)}
      className={`${styles.table} ${narrow ? styles.compact : ""}`}
      onKeyDown={press}
      aria-busy={loading || stale}
    >
      <div style={{ minWidth: least }} role="table" aria-label={of.label} aria-rowcount={onMore ? -1 : rows.length}>
        <Head
          columns={columns}
          template={template}
          sort={sort}
          order={order}
          onSort={onSort}
          hidden={narrow}
          selection={selection}
          changes={changes}
          onSizing={setSizing}
        />
        {loading ? <Skeleton rows={14} height={narrow ? compactPx : ROW_PX} /> : null}
        <div className={styles.body} role="rowgroup" style={{ height: virtual.getTotalSize(), opacity: stale ? 0.6 : 1 }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                className={styles.row}
                data-chosen={selection?.has(item.index) || undefined}
                style={{
                  height: item.size,
                  transform: `translateY(${item.start}px)`,
                  gridTemplateColumns: narrow ? (selection ? `${CHECK} minmax(0, 1fr)` : "minmax(0, 1fr)") : template,
                }}
              >
                <div role="cell" className={styles.whole}>
                  <Link
                    {...of.linkOf(row)}
                    className={styles.link}
                    aria-label={of.nameOf(row)}
                    data-row={item.index}
                    tabIndex={item.index === walk.at ? 0 : -1}
                    onFocus={() => walk.set(item.index)}
                  />
                </div>
                {selection ? (
                  <div role="cell" className={styles.check}>
                    <RowCheck
                      label={`Select ${of.nameOf(row)}`}
                      state={selection.has(item.index) ? "all" : "none"}
                      reached={item.index === walk.at}
                      onToggle={(range) => selection.toggle(item.index, range)}
                    />
                  </div>
                ) : null}
                {narrow ? <div role="cell">{of.compact(row)}</div> : <Cells row={row} columns={columns} />}
              </div>
            );
          })}
        </div>
        {onMore ? <div className={styles.more}>Loading more…</div> : null}
      </div>
    </div>
  );
}

function Cells<Row>({ row, columns }: { readonly row: Row; readonly columns: readonly Column<Row>[] }) {
  return columns.map((column, at) => (
    <div key={column.id} role="cell" className={`${styles.cell} ${column.align ? `${styles.right} numbers` : apart(columns, at)}`}>
      {column.cell(row)}
    </div>
  ));
}

/** Words after figures: their edges would touch. */
function apart(columns: readonly Pick<Column<never>, "align">[], at: number): string {
  return (columns[at - 1]?.align ? styles.apart : "") ?? "";
}

interface HeadProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly template: string;
  readonly sort: string | undefined;
  readonly order: "asc" | "desc";
  readonly onSort: ((column: string) => void) | undefined;
  readonly hidden: boolean;
  readonly selection: Selection | undefined;
  readonly changes: ColumnChanges | undefined;
  readonly onSizing: (sizing: { readonly id: string; readonly px: number } | null) => void;
}

function Head<Row>({ columns, template, sort, order, onSort, hidden, selection, changes, onSizing }: HeadProps<Row>) {
  const direction = order === "asc" ? ("ascending" as const) : ("descending" as const);
  const Arrow = order === "asc" ? IconArrowUp : IconArrowDown;
  return (
    <div role="row" className={hidden ? "hidden" : styles.head} style={{ gridTemplateColumns: template }} aria-rowindex={1}>
      {selection && !hidden ? (
        <div role="cell" className={styles.check}>
          <RowCheck label="Select all rows shown" state={selection.state} reached onToggle={selection.toggleAll} />
        </div>
      ) : null}
      {columns.map((column, at) => (
        <div
          key={column.id}
          role="columnheader"
          className={`${styles.name} ${column.align ? styles.right : apart(columns, at)}`}
          {...(column.sortable ? { "aria-sort": sort === column.id ? direction : ("none" as const) } : {})}
          {...(changes ? moving(column.id, changes.onMove) : {})}
        >
          {column.sortable && onSort ? (
            <button type="button" className={styles.sort} onClick={() => onSort(column.id)} tabIndex={hidden ? -1 : 0}>
              {column.label}
              {sort === column.id ? <Arrow size={12} aria-hidden /> : null}
            </button>
          ) : (
            column.label
          )}
          {changes && !hidden ? (
            <ResizeHandle
              label={column.label}
              onSizing={(px) => onSizing(px === null ? null : { id: column.id, px })}
              onSized={(px) => changes.onWidth(column.id, px)}
            />
          ) : null}
        </div>
      ))}
    </div>
  );
}

const COLUMN = "text/x-column";

function moving(column: string, onMove: ColumnChanges["onMove"]) {
  return {
    draggable: true,
    onDragStart: (event: DragEvent<HTMLElement>) => event.dataTransfer.setData(COLUMN, column),
    onDragOver: (event: DragEvent<HTMLElement>) => event.dataTransfer.types.includes(COLUMN) && event.preventDefault(),
    onDrop: (event: DragEvent<HTMLElement>) => onMove(event.dataTransfer.getData(COLUMN), column),
  };
}
