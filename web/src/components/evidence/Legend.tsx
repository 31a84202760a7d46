import styles from "./Evidence.module.css";

const COLOURS = [
  ["told by a span", "color-mix(in srgb, var(--accent) 75%, transparent)", false],
  ["process", "color-mix(in srgb, var(--text-quiet) 45%, transparent)", false],
  ["model call on the wire", "var(--kind-llm)", false],
  ["file", "var(--kind-retriever)", true],
  ["host", "var(--kind-memory)", true],
  ["nothing accounts for it", "var(--status-error)", true],
  ["claimed, not seen", "var(--status-warning)", false],
] as const;

/** What the colours of bars and marks mean. */
export function Legend() {
  return (
    <ul className={styles.legend} aria-label="Colours">
      {COLOURS.map(([label, background, tick]) => (
        <li key={label}>
          <span className={`${styles.swatch} ${tick ? styles.tick : ""}`} style={{ background }} aria-hidden />
          {label}
        </li>
      ))}
    </ul>
  );
}
