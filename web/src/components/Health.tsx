import styles from "./Status.module.css";

interface Props {
  readonly state: "ok" | "warning" | "error" | "unset" | "pending";
  readonly words: string;
  /** Only the dot is seen; the words on hover. */
  readonly quiet?: boolean;
}

/** How something is doing: a dot in a colour, and words. */
export function Health({ state, words, quiet = false }: Props) {
  return (
    <span className={styles.status} style={{ color: `var(--status-${state})` }} title={words}>
      <span className={styles.dot} aria-hidden />
      {quiet ? <span className="hidden">{words}</span> : <span className={state === "ok" ? "quiet cut" : "cut"}>{words}</span>}
    </span>
  );
}
