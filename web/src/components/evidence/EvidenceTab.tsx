import { fullCount } from "@/model/format";
import styles from "./EvidenceTab.module.css";

interface Props {
  /** Null: not known, or nobody was watching. */
  readonly concerns: { readonly red: number; readonly amber: number } | null;
}

const MOST = 999;

/** The name of the view with what is to be looked at: red where nothing accounts for something, amber where only claims lack evidence. */
export function EvidenceTab({ concerns }: Props) {
  const red = concerns?.red ?? 0;
  const amber = concerns?.amber ?? 0;
  const number = red || amber;
  return (
    <>
      Evidence{" "}
      {number ? (
        <span className={`${styles.badge} ${red ? styles.red : styles.amber}`} title={titleOf(red, amber)}>
          {number > MOST ? `${MOST}+` : fullCount(number)}
          <span className="hidden"> {red ? "unexplained" : "without evidence"}</span>
        </span>
      ) : null}
    </>
  );
}

function titleOf(red: number, amber: number): string {
  const parts = [
    red ? `${fullCount(red)} that nothing in the trace accounts for` : "",
    amber ? `${fullCount(amber)} claimed without evidence` : "",
  ];
  return parts.filter(Boolean).join(", ");
}
