import { IconChevronRight } from "@tabler/icons-react";
import { Severity } from "@/components/Severity";
import { When } from "@/components/When";
import type { EventRecord } from "@/data/queries/events";
import { eventLine } from "@/model/event-text";
import { EventDetail } from "./EventDetail";
import styles from "./EventsPage.module.css";

interface Props {
  readonly event: EventRecord;
  readonly index: number;
  readonly open: boolean;
  readonly reachable: boolean;
  readonly onToggle: () => void;
  readonly onFocus: () => void;
}

/** An event in one line; opened, with all that is known of it. */
export function EventRow({ event, index, open, reachable, onToggle, onFocus }: Props) {
  return (
    <div className={styles.event} data-open={open}>
      <button
        type="button"
        className={styles.row}
        data-row={index}
        tabIndex={reachable ? 0 : -1}
        aria-expanded={open}
        onClick={onToggle}
        onFocus={onFocus}
      >
        <IconChevronRight size={12} aria-hidden className={styles.arrow} />
        <span className={styles.when}>
          <When iso={event.time} nowMs={Date.now()} />
        </span>
        <span className={styles.severity}>
          <Severity severity={event.severity} />
        </span>
        <span className={`${styles.name} cut`}>{event.event_name || "log"}</span>
        <span className={`${styles.who} cut quiet`}>{event.agent || event.service || event.source}</span>
        <span className={`${styles.said} cut`}>{eventLine(event.body, event.attributes)}</span>
      </button>
      {open ? <EventDetail event={event} /> : null}
    </div>
  );
}
