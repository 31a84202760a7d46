import type { ReactNode } from "react";
import styles from "./SmallTable.module.css";

export interface SmallColumn<Row> {
  readonly id: string;
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: "right";
  /** Takes the room that is left, and is cut where there is none. */
  readonly wide?: boolean;
  /** What the heading means, on hover. */
  readonly hint?: string;
}

interface Props<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly SmallColumn<Row>[];
  readonly keyOf: (row: Row) => string;
  /** Told in place of rows. */
  readonly empty: string;
  readonly loading?: boolean;
  /** The rows could not be had, as is told above it: whether there are none is not known. */
  readonly failed?: boolean;
  readonly stale?: boolean;
}

/** A list that fits on a page, as a table; on a narrow screen it scrolls sideways with its first column in sight. */
export function SmallTable<Row>({ label, rows, columns, keyOf, empty, loading = false, failed = false, stale = false }: Props<Row>) {
  if (failed && rows.length === 0) return null;
  if (!loading && rows.length === 0) return <p className={`${styles.none} quiet`}>{empty}</p>;
  return (
    <section
      className={styles.scroller}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
      tabIndex={0}
    >
      <table className={styles.table} style={{ opacity: stale ? 0.6 : 1 }} aria-label={label} aria-busy={loading || stale}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.align ? styles.right : ""} title={column.hint}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.id} className={`${column.align ? `${styles.right} numbers` : ""} ${column.wide ? styles.wide : ""}`}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {loading ? <p className={`${styles.none} quiet`}>Loading…</p> : null}
    </section>
  );
}
