import styles from "./Skeleton.module.css";

/** Rows that are on their way. */
export function Skeleton({ rows, height }: { readonly rows: number; readonly height: number }) {
  return (
    <div className={styles.rows} aria-hidden>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={at} className={styles.row} style={{ height }}>
          <div className={styles.bone} style={{ width: 84 }} />
          <div className={styles.bone} style={{ width: `${30 + ((at * 17) % 25)}%` }} />
          <div className={styles.bone} style={{ width: 64, marginLeft: "auto" }} />
        </div>
      ))}
    </div>
  );
}
