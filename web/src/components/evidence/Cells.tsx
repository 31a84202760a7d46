import type { ReactNode } from "react";
import type { EvidenceLink } from "@/model/evidence";
import { because, visible } from "@/model/evidence-words";
import { percent } from "@/model/format";
import styles from "./Cells.module.css";

/** Text of telemetry in a cell, cut, whole on hover. */
export function Told({ text, mono = false, red = false }: { readonly text: string; readonly mono?: boolean; readonly red?: boolean }) {
  const shown = visible(text);
  return (
    <span className={`cut ${mono ? "mono" : ""} ${red ? styles.red : ""}`} title={shown}>
      {shown}
    </span>
  );
}

interface WhyProps {
  readonly link: EvidenceLink | null;
  readonly name: string;
  readonly unexplained: boolean;
}

/** The span that something belongs to, and how sure that is; the reason on hover. */
export function Why({ link, name, unexplained }: WhyProps) {
  if (!link) return unexplained ? <span className={styles.red}>nothing accounts for it</span> : <span className="quiet">–</span>;
  return (
    <span className="cut" title={because(link)}>
      {visible(name)} <span className="quiet">{percent(link.confidence)}</span>
    </span>
  );
}

interface CardProps {
  readonly first: ReactNode;
  readonly end?: ReactNode;
  readonly second: ReactNode;
}

/** A row in two lines, for narrow screens. */
export function Card({ first, end, second }: CardProps) {
  return (
    <div className={styles.card}>
      <div className={styles.line}>
        {first}
        <span className={styles.end}>{end}</span>
      </div>
      <div className={`${styles.line} quiet`}>{second}</div>
    </div>
  );
}
