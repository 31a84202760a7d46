import styles from "./Severity.module.css";

/** Severity of a log record, in a colour and a word. */
export function Severity({ severity, quiet = false }: { readonly severity: string; readonly quiet?: boolean }) {
  const word = severity || "none";
  return (
    <span className={styles.severity} style={{ color: severityColour(word) }} title={word}>
      <span className={styles.mark} aria-hidden />
      {quiet ? <span className="hidden">{word}</span> : word}
    </span>
  );
}

/** The same everywhere: rows, strips, facets. */
export function severityColour(severity: string): string {
  if (severity === "critical") return "var(--kind-embedding)"; // beside errors in one chart
  if (severity === "debug") return "var(--kind-tool)"; // beside those of no severity
  const known: Readonly<Record<string, string>> = { error: "error", warning: "warning", info: "pending" };
  return `var(--status-${known[severity] ?? "unset"})`;
}
