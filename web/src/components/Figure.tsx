import type { ReactNode } from "react";
import styles from "./Figure.module.css";

interface Props {
  readonly label: string;
  readonly children: ReactNode;
  /** In full, on hover. */
  readonly full?: string | undefined;
  readonly tone?: "error" | "warning" | undefined;
  /** Below it, quietly. */
  readonly note?: ReactNode;
}

/** One figure with its name. */
export function Figure({ label, children, full, tone, note }: Props) {
  return (
    <div className={styles.figure}>
      <dt>{label}</dt>
      <dd title={full} style={tone ? { color: `var(--status-${tone})` } : {}}>
        {children}
        {note ? <small title={typeof note === "string" ? note : undefined}>{note}</small> : null}
      </dd>
    </div>
  );
}

/** Figures beside each other. */
export function Figures({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <dl className={styles.figures} aria-label={label}>
      {children}
    </dl>
  );
}
