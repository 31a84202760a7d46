import styles from "./Bar.module.css";

/** A share of a whole as a thin bar; says nothing that the number beside it does not say. */
export function Bar({ share, colour = "var(--accent)" }: { readonly share: number; readonly colour?: string }) {
  return (
    <span className={styles.bar} aria-hidden>
      <span style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%`, background: colour }} />
    </span>
  );
}
