import type { EvidenceLink } from "@/model/evidence";
import { sureness, visible } from "@/model/evidence-words";
import { percent } from "@/model/format";
import side from "../side/Side.module.css";
import styles from "./Evidence.module.css";

interface Props {
  readonly link: EvidenceLink | null;
  /** What the span is called; undefined: it is not in the trace as it is shown. */
  readonly name: string | undefined;
  readonly onSpan: (spanId: string) => void;
  /** Nothing accounts for it, and something should. */
  readonly unexplained: boolean;
}

/** In words: which span something belongs to, how sure that is, and why. */
export function Because({ link, name, onSpan, unexplained }: Props) {
  if (!link) {
    return (
      <p className={`${styles.because} ${unexplained ? styles.red : ""}`}>
        {unexplained ? "Nothing in the trace accounts for this." : "No span of the trace caused this, as far as can be said."}
      </p>
    );
  }
  return (
    <p className={styles.because}>
      Belongs to{" "}
      <button type="button" className={side.link} onClick={() => onSpan(link.span_id)}>
        {visible(name || `span ${link.span_id}`)}
      </button>
      , {sureness(link.confidence)} (<span title={String(link.confidence)}>{percent(link.confidence)}</span>): {visible(link.reason)}.
    </p>
  );
}
