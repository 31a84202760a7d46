import type { ReactNode } from "react";
import { scoreText, toneOfScore } from "@/model/standing";
import styles from "./HealthParts.module.css";

export interface PartShown {
  readonly name: string;
  readonly score: number | null;
  readonly weight: number;
  readonly told: string;
  /** What would restore it, or what is wrong with it. */
  readonly more?: ReactNode;
}

/** The parts of a health score: each with its own, how it stands, and what would restore it. */
export function HealthParts({ label, parts }: { readonly label: string; readonly parts: readonly PartShown[] }) {
  return (
    <ul className={styles.parts} aria-label={label}>
      {parts.map((part) => (
        <li key={part.name} className={styles.part}>
          <span className={styles.score} style={{ color: `var(--status-${toneOfScore(part.score)})` }}>
            {scoreText(part.score)}
          </span>
          <span className={styles.name} title={`weight ${part.weight}`}>
            {part.name}
          </span>
          <span className={styles.told}>
            {part.told}
            {part.more ? <span className="quiet"> · {part.more}</span> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
