import { visible } from "@/model/evidence-words";
import { fullCount } from "@/model/format";
import side from "../side/Side.module.css";
import styles from "./Item.module.css";

export interface Entry {
  readonly key: string;
  readonly text: string;
  readonly end: string;
  readonly title?: string;
  readonly red?: boolean;
  readonly onOpen: () => void;
}

const MOST = 30;

/** A short list under its heading; what does not fit in is counted. Nothing where there is nothing. */
export function Entries({ label, of, entries }: { readonly label: string; readonly of: number; readonly entries: readonly Entry[] }) {
  if (!of) return null;
  return (
    <>
      <h4 className={side.part}>
        {label} {fullCount(of)}
      </h4>
      <ul className={styles.list} aria-label={label}>
        {entries.slice(0, MOST).map((entry) => (
          <li key={entry.key}>
            <button type="button" className={`${styles.entry} ${entry.red ? styles.red : ""}`} title={entry.title} onClick={entry.onOpen}>
              <span className="cut mono">{visible(entry.text)}</span>
              <span className={`${styles.end} cut`}>{entry.end}</span>
            </button>
          </li>
        ))}
      </ul>
      {of > MOST ? <p className="quiet">and {fullCount(of - MOST)} more</p> : null}
    </>
  );
}
