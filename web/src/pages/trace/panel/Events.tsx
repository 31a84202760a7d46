import { When } from "@/components/When";
import type { Span } from "@/data/queries/span";
import { attributeLines } from "@/model/attributes";
import { duration, parseTime } from "@/model/format";
import styles from "./SpanPanel.module.css";

interface Props {
  readonly events: Span["events"];
  /** Of the span. */
  readonly start: string;
}

/** What happened within the span, in order. */
export function Events({ events, start }: Props) {
  return events.map((event, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: events have no identity, and their order is theirs
    <article key={at} className={styles.message}>
      <header className={styles.role}>
        <strong>{event.name}</strong>
        <span>
          <When iso={event.time} nowMs={Date.now()} /> · after {duration((parseTime(event.time) - parseTime(start)) * 1e6)}
        </span>
      </header>
      <div className={styles.said}>
        {attributeLines(event.attributes).map((line) => (
          <div key={line.key} className={`${styles.line} mono`}>
            <span className={styles.key}>{line.key}</span>
            <span className={styles.value}>{line.text}</span>
          </div>
        ))}
      </div>
    </article>
  ));
}
