import { Link } from "@tanstack/react-router";
import type { Feedback } from "@/model/feedback";
import styles from "./SessionPage.module.css";

/** What was said afterwards of a turn, or of none of them (null), each with its verdict; the reason is beside it. */
export function FeedbackList({ traceId, items }: { readonly traceId: string | null; readonly items: readonly Feedback[] }) {
  return (
    <ul className={styles.feedback} aria-label="Feedback">
      {items.map((one) => (
        <li key={one.id}>
          {traceId === null ? (
            <span>{one.name}</span>
          ) : (
            <Link
              to="/traces/$traceId"
              params={{ traceId }}
              search={((before: object) => ({ ...before, ...(one.spanId ? { span: one.spanId } : {}) })) as never}
            >
              {one.name}
            </Link>
          )}
          <b className={one.bad ? styles.failed : ""}>{one.verdict}</b>
          {one.why ? (
            <span className="quiet cut" title={one.why}>
              {one.why}
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
