import { markAt } from "@/model/query-mark";
import styles from "./QueryBar.module.css";

export interface QueryMistake {
  readonly detail: string;
  /** Where, from 1; null: nowhere in particular. */
  readonly column: number | null;
}

interface Props {
  readonly id: string;
  readonly mistake: QueryMistake;
  /** The text that the mistake is in; null: it has changed since. */
  readonly query: string | null;
}

/** What is wrong with a search, at its place. */
export function QueryMistakeText({ id, mistake, query }: Props) {
  const mark = mistake.column && query !== null ? markAt(query, mistake.column) : null;
  return (
    <div className={styles.wrong} id={id} role="alert">
      {mark ? (
        <p className={`${styles.place} mono`}>
          {mark.before}
          <mark>{mark.wrong}</mark>
          {mark.after}
        </p>
      ) : null}
      {mistake.detail}
    </div>
  );
}
