import styles from "./SqlPage.module.css";

interface Props {
  readonly tables: readonly { readonly table: string; readonly columns: readonly { readonly name: string; readonly type: string }[] }[];
  readonly onInsert: (name: string) => void;
}

/** The tables and their columns; a click writes a name at the end of the text. */
export function Schema({ tables, onInsert }: Props) {
  return tables.map((one) => (
    <details key={one.table} className={styles.table}>
      <summary className="mono">{one.table}</summary>
      {one.columns.map((column) => (
        <button
          key={column.name}
          type="button"
          className={styles.column}
          onClick={() => onInsert(column.name)}
          title={`${column.name} ${column.type}`}
        >
          <span className="mono cut">{column.name}</span>
          <span className="quiet cut">{column.type.replace(/^LowCardinality\((.*)\)$/, "$1")}</span>
        </button>
      ))}
    </details>
  ));
}
