/** What each source sent, and what became of it: nothing is lost without a line here. */
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type LedgerLine, type Sender, useLedger } from "@/data/queries/system";
import { ago, bytes, count, fullCount, utc } from "@/model/format";
import styles from "./SystemPage.module.css";

export function LedgerPanel() {
  const { project } = useScope();
  const ledger = useLedger(project);
  const lost = ledger.data?.process ?? [];
  const redacted = Object.entries(ledger.data?.redacted ?? {});
  return (
    <>
      <Section title="Loss ledger" note={`of project ${project}, over restarts`}>
        <Failed of={ledger} />
        <SmallTable
          label="Loss ledger"
          rows={ledger.data?.items ?? []}
          columns={lines(ledger.dataUpdatedAt)}
          keyOf={(row) => `${row.project} ${row.source} ${row.signal}`}
          empty="Nobody has sent anything to this project."
          loading={ledger.isPending}
          failed={ledger.isLoadingError}
        />
        <p className={styles.lost}>
          {lost.length === 0 ? <span className="quiet">This process itself lost nothing since its start.</span> : null}
          {lost.map((one) => (
            <span key={`${one.room} ${one.what} ${one.reason}`} style={{ color: "var(--status-warning)" }}>
              {count(one.count)} {one.what.replaceAll("_", " ")} lost in {one.room}: {one.reason.replaceAll("_", " ")}
            </span>
          ))}
          {redacted.map(([what, times]) => (
            <span key={what} className="quiet">
              {count(times)} × {what} taken out
            </span>
          ))}
        </p>
      </Section>
      <Section title="Senders" note="since the start">
        <SmallTable
          label="Senders"
          rows={ledger.data?.senders ?? []}
          columns={SENDERS}
          keyOf={(row) => `${row.client} ${row.project}`}
          empty="Nobody has sent anything to this project since the start."
          loading={ledger.isPending}
          failed={ledger.isLoadingError}
        />
      </Section>
    </>
  );
}

function lines(nowMs: number): readonly SmallColumn<LedgerLine>[] {
  return [
    { id: "source", label: "Source", cell: (row) => row.source || <span className="quiet">no service name</span> },
    { id: "signal", label: "Signal", cell: (row) => row.signal },
    figure("received", "Received", "Rows that were answered for good", (row) => row.received),
    figure("accepted", "Accepted", "Rows that were acknowledged", (row) => row.accepted),
    figure("stored", "Stored", "Rows that are in the store", (row) => row.stored),
    { id: "rejected", label: "Rejected", hint: "Bad rows in good requests", cell: (row) => reasons(row.rejected) },
    { id: "dropped", label: "Dropped", hint: "Accepted rows that a stage left out", cell: (row) => reasons(row.dropped) },
    { id: "refused", label: "Refused", hint: "Requests of which nothing could be kept", cell: (row) => reasons(row.refused) },
    {
      id: "seen",
      label: "Last seen",
      align: "right",
      cell: (row) => <span title={utc(row.last_seen)}>{ago(row.last_seen, nowMs || Date.now())}</span>,
    },
  ];
}

function figure(id: string, label: string, hint: string, of: (row: LedgerLine) => number): SmallColumn<LedgerLine> {
  return { id, label, hint, align: "right", cell: (row) => <span title={fullCount(of(row))}>{count(of(row))}</span> };
}

const SENDERS: readonly SmallColumn<Sender>[] = [
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
  {
    id: "rejected",
    label: "Bad",
    hint: "Bad records in good requests",
    align: "right",
    cell: (row) => (row.rejected_rows ? <b style={{ color: "var(--status-error)" }}>{count(row.rejected_rows)}</b> : <None />),
  },
  { id: "refused", label: "Refused", hint: "Requests of which nothing was kept", cell: (row) => reasons(row.refused) },
];

function reasons(lost: Readonly<Record<string, number>>) {
  const told = Object.entries(lost).map(([reason, times]) => `${count(times)} ${reason.replaceAll("_", " ")}`);
  return told.length ? <span style={{ color: "var(--status-error)" }}>{told.join(", ")}</span> : <None />;
}
