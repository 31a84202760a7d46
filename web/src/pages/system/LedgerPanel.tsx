import { None } from "@/components/None";
import { Problem } from "@/components/Problem";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type Sender, useLedger } from "@/data/queries/system";
import { bytes, count, fullCount, plural } from "@/model/format";
import styles from "./SystemPage.module.css";

const COLUMNS: readonly SmallColumn<Sender>[] = [
  { id: "client", label: "Sender", cell: (row) => <span className="mono">{row.client}</span> },
  { id: "project", label: "Project", cell: (row) => row.project ?? <span className="quiet">by its resources</span> },
  { id: "requests", label: "Requests", align: "right", cell: (row) => <span title={fullCount(row.requests)}>{count(row.requests)}</span> },
  { id: "bytes", label: "Sent", align: "right", cell: (row) => <span title={fullCount(row.bytes)}>{bytes(row.bytes)}</span> },
  {
    id: "accepted",
    label: "Kept",
    hint: "Records",
    align: "right",
    cell: (row) => <span title={fullCount(row.accepted_rows)}>{count(row.accepted_rows)}</span>,
  },
  { id: "rejected", label: "Bad", hint: "Bad records in good requests", align: "right", cell: (row) => lost(row.rejected_rows) },
  { id: "refused", label: "Refused", hint: "Requests of which nothing was kept", cell: (row) => reasons(row.refused) },
];

/** What each sender sent since the start, and what became of it: nothing is lost without a line here. */
export function LedgerPanel() {
  const ledger = useLedger();
  const dropped = ledger.data?.dropped ?? [];
  const redacted = Object.entries(ledger.data?.redacted ?? {});
  return (
    <Section title="Loss ledger" note="since the start">
      {ledger.error ? <Problem error={ledger.error} onRetry={() => void ledger.refetch()} /> : null}
      <SmallTable
        label="Loss ledger"
        rows={ledger.data?.items ?? []}
        columns={COLUMNS}
        keyOf={(row) => `${row.client} ${row.project}`}
        empty="Nobody has sent anything since the start."
        loading={ledger.isPending}
      />
      <p className={styles.lost}>
        {dropped.length === 0 ? <span className="quiet">Nothing was dropped after it was accepted.</span> : null}
        {dropped.map((drop) => (
          <span key={`${drop.room} ${drop.reason}`} style={{ color: "var(--status-error)" }}>
            {plural(drop.rows, "record")} dropped in {drop.room}: {drop.reason.replaceAll("_", " ")}
          </span>
        ))}
        {redacted.map(([what, times]) => (
          <span key={what} className="quiet">
            {count(times)} × {what} taken out
          </span>
        ))}
      </p>
    </Section>
  );
}

function lost(rows: number) {
  return rows ? <b style={{ color: "var(--status-error)" }}>{count(rows)}</b> : <None />;
}

function reasons(refused: Readonly<Record<string, number>>) {
  const told = Object.entries(refused).map(([reason, times]) => `${count(times)} ${reason.replaceAll("_", " ")}`);
  return told.length ? <span style={{ color: "var(--status-error)" }}>{told.join(", ")}</span> : <None />;
}
