import { IconArrowRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { ButtonLink } from "@/components/ButtonLink";
import { JsonTree } from "@/components/JsonTree";
import type { EventRecord } from "@/data/queries/events";
import { unfold } from "@/model/event-text";
import { utc } from "@/model/format";
import { quoteValue } from "@/model/search-edit";
import styles from "./EventsPage.module.css";

const FACTS = [
  "service",
  "agent",
  "source",
  "model",
  "tool",
  "session_id",
  "user_id",
  "execution_id",
  "environment",
  "error_type",
] as const;

/** All of an event: facts that lead to others like it, body, attributes, what was wrong with it, and the way to its trace. */
export function EventDetail({ event }: { readonly event: EventRecord }) {
  return (
    <div className={styles.detail}>
      <div className={styles.facts}>
        {event.trace_id ? (
          <ButtonLink
            to="/traces/$traceId"
            params={{ traceId: event.trace_id }}
            search={(event.span_id ? { span: event.span_id } : {}) as never}
            size="compact-sm"
            variant="default"
            rightSection={<IconArrowRight size={13} />}
          >
            Open in its trace
          </ButtonLink>
        ) : null}
        {FACTS.flatMap((name) =>
          event[name] ? (
            <Link
              key={name}
              to="/logs"
              search={{ query: `${name}:${quoteValue(event[name])}` }}
              className={styles.fact}
              title="Events with the same"
            >
              <span className="quiet">{name}</span> {event[name]}
            </Link>
          ) : (
            []
          ),
        )}
        <span className="quiet">{utc(event.time)}</span>
        {event.severity_text ? <span className="quiet">severity as sent: {event.severity_text}</span> : null}
      </div>
      {event.issues.length ? <p className={styles.issues}>As it arrived: {event.issues.join(", ")}</p> : null}
      {event.body === null || event.body === undefined || event.body === "" ? null : (
        <section aria-label="Body">
          <h3 className={styles.part}>Body</h3>
          <JsonTree value={unfold(event.body)} />
        </section>
      )}
      {Object.keys(event.attributes).length ? (
        <section aria-label="Attributes">
          <h3 className={styles.part}>Attributes</h3>
          <JsonTree value={Object.fromEntries(Object.entries(event.attributes).map(([name, value]) => [name, unfold(value)]))} open={1} />
        </section>
      ) : null}
    </div>
  );
}
