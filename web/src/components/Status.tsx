import styles from "./Status.module.css";

const WORDS: Readonly<Record<string, string>> = { ok: "ok", error: "error", unset: "ended", pending: "running" };

/** How it went, in a colour and a word: `ok`, `error`, `unset` (ended, nothing told), or `pending`. */
export function Status({
  status,
  pending = false,
  quiet = false,
}: {
  readonly status: string;
  readonly pending?: boolean;
  readonly quiet?: boolean;
}) {
  const state = pending ? "pending" : status in WORDS ? status : "unset";
  const word = WORDS[state] ?? state;
  return (
    <span className={styles.status} style={{ color: `var(--status-${state})` }} title={word}>
      <span className={`${styles.dot} ${state === "pending" ? styles.running : ""}`} aria-hidden />
      {quiet ? <span className="hidden">{word}</span> : word}
    </span>
  );
}
