import type { Candidate } from "@/model/completion";
import styles from "./CompletionList.module.css";

interface Props {
  readonly id: string;
  readonly items: readonly Candidate[];
  readonly at: number;
  readonly onTake: (item: Candidate) => void;
  readonly onPoint: (at: number) => void;
}

/** What may be typed next, below the field that has the focus. */
export function CompletionList({ id, items, at, onTake, onPoint }: Props) {
  return (
    <div id={id} role="listbox" aria-label="What may follow" className={styles.list}>
      {items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus
        <div
          key={`${item.kind} ${item.text}`}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          className={styles.item}
          onPointerDown={(event) => event.preventDefault()}
          onPointerMove={() => index !== at && onPoint(index)}
          onClick={() => onTake(item)}
        >
          <span className={`${styles.text} mono cut`}>{item.text}</span>
          <span className={`${styles.about} cut`}>{item.about}</span>
          <span className={styles.kind}>{item.kind}</span>
        </div>
      ))}
    </div>
  );
}
