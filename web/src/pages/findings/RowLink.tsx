import { ButtonLink } from "@/components/ButtonLink";
import { evidenceRow } from "@/model/findings";

const LOOK = { variant: "default", size: "compact-xs", className: "mono" } as const;

/** Leads to a row that shows a finding: a span in its trace, or an event. */
export function RowLink({ text }: { readonly text: string }) {
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
