/** What events say again and again: one row for those that differ only in numbers, ids, times and quoted texts. Each leads to its events. */
import { useScope } from "@/app/scope";
import { Bar } from "@/components/Bar";
import { Failed } from "@/components/Failed";
import { Severity } from "@/components/Severity";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type EventPattern, useEventPatterns } from "@/data/queries/events";
import { ago, count, fullCount, plural, utc } from "@/model/format";
import { patternParts, patternQuery } from "@/model/pattern";
import styles from "./EventsPage.module.css";

interface Props {
  readonly query: string;
  readonly onQuery: (query: string) => void;
}

export function PatternList({ query, onQuery }: Props) {
  const patterns = useEventPatterns(useScope(), query);
  const { data, isPending, isPlaceholderData, dataUpdatedAt } = patterns;
  const rows = data?.items ?? [];
  const most = Math.max(1, ...rows.map((row) => row.count));
  const columns: readonly SmallColumn<EventPattern>[] = [
    {
      id: "pattern",
      label: "Pattern",
      wide: true,
      cell: (row) => (
        <button
          type="button"
          className={`${styles.pattern} cut`}
          title={row.sample || row.event_name}
          onClick={() => onQuery(patternQuery(query, row.pattern, row.event_name))}
        >
          {row.event_name ? <b>{row.event_name} </b> : null}
          <Words pattern={row.pattern} />
        </button>
      ),
    },
    {
      id: "count",
      label: "Events",
      align: "right",
      cell: (row) => (
        <span title={fullCount(row.count)}>
          <Bar share={row.count / most} colour="var(--accent)" />{" "}
          <span style={{ display: "inline-block", minWidth: 42 }}>{count(row.count)}</span>
        </span>
      ),
    },
    {
      id: "errors",
      label: "Errors",
      align: "right",
      cell: (row) =>
        row.errors ? <span style={{ color: "var(--status-error)" }}>{count(row.errors)}</span> : <span className="quiet">–</span>,
    },
    { id: "severity", label: "Severity", cell: (row) => <Severity severity={row.severity} /> },
    { id: "services", label: "Services", cell: (row) => <span className="quiet">{row.services.filter(Boolean).join(", ")}</span> },
    {
      id: "seen",
      label: "Last seen",
      align: "right",
      cell: (row) => <span title={utc(row.last_seen)}>{ago(row.last_seen, dataUpdatedAt)}</span>,
    },
  ];
  if (patterns.error && !data) return <Failed of={patterns} />;
  return (
    <div className={styles.patterns}>
      <Failed of={patterns} />
      <SmallTable
        label="Patterns"
        rows={rows}
        columns={columns}
        keyOf={(row) => `${row.event_name}\n${row.pattern}`}
        empty="Nothing is said here."
        loading={isPending}
        stale={isPlaceholderData}
      />
      {data ? (
        <p className="quiet">
          {data.next_cursor ? `The first ${count(rows.length)} patterns` : plural(rows.length, "pattern")} of{" "}
          {data.partial ? `the latest ${count(data.looked_at)} events` : plural(data.looked_at, "event")}.
        </p>
      ) : null}
    </div>
  );
}

function Words({ pattern }: { readonly pattern: string }) {
  return (
    <span className={styles.words}>
      {patternParts(pattern).map((part, at) =>
        part.mask ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: made anew as a whole
          <span key={at} className={styles.mask}>
            {part.text.slice(1, -1)}
          </span>
        ) : (
          part.text
        ),
      )}
    </span>
  );
}
