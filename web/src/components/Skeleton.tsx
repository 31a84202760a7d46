import styles from "./DataTable.module.css";

/** Rows that are on their way. */
export function Skeleton({ rows, height }: { readonly rows: number; readonly height: number }) {
  return (
    <div aria-hidden>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={at} style={{ height, display: "flex", alignItems: "center", gap: 16, padding: "0 16px" }}>
          <div className={styles.bone} style={{ width: 84 }} />
          <div className={styles.bone} style={{ width: `${30 + ((at * 17) % 25)}%` }} />
          <div className={styles.bone} style={{ width: 64, marginLeft: "auto" }} />
        </div>
      ))}
    </div>
  );
}
