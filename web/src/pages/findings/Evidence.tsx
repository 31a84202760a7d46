import { ButtonLink } from "@/components/ButtonLink";
import side from "@/components/side/Side.module.css";
import { evidenceRow } from "@/model/findings";
import styles from "./FindingsPage.module.css";

/** The rows that show it, each a link: a span in its trace, or an event. */
export function Evidence({ rows }: { readonly rows: readonly string[] }) {
  if (!rows.length) return null;
  return (
    <>
      <h4 className={side.part}>Evidence</h4>
      <ul className={styles.evidence}>
        {[...new Set(rows)].map((text) => (
          <li key={text}>
            <One text={text} />
          </li>
        ))}
      </ul>
    </>
  );
}

const LOOK = { variant: "default", size: "compact-xs", className: "mono" } as const;

function One({ text }: { readonly text: string }) {
  const row = evidenceRow(text);
  if (row.kind === "span")
    return (
      <ButtonLink {...LOOK} to="/traces/$traceId" params={{ traceId: row.traceId }} search={{ span: row.spanId } as never}>
        span {row.spanId.slice(0, 8)}
      </ButtonLink>
    );
  if (row.kind === "event")
    return (
      <ButtonLink {...LOOK} to="/logs" search={{ query: `event_id:${row.eventId} or trace:${row.eventId}` } as never}>
        row {row.eventId.slice(0, 8)}
      </ButtonLink>
    );
  return <span className="mono quiet">{row.text}</span>;
}
