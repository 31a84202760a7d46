import { Link } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type ToolWaste, useWaste } from "@/data/queries/waste";
import { visible } from "@/model/evidence-words";
import { headline } from "@/model/findings";
import { ago, count, duration, fullCount, plural, utc } from "@/model/format";
import { isWasteful, shareOf } from "@/model/waste";
import styles from "./Waste.module.css";

const MOST = 30;

/** Dead and wasteful tools: what analyzers found of them, and calls that failed, repeat others, or that nobody reads. Of one agent, or of all. */
export function Waste({ agent = "" }: { readonly agent?: string }) {
  const waste = useWaste(useScope(), agent);
  const rows = (waste.data?.items ?? []).filter(isWasteful);
  return (
    <Section title="Dead and wasteful tools" note={rows.length ? note(rows.length, waste.data?.partial ?? false) : undefined}>
      <Failed of={waste} />
      <SmallTable
        label="Dead and wasteful tools"
        rows={rows.slice(0, MOST)}
        columns={columns(agent, waste.dataUpdatedAt)}
        keyOf={(row) => `${row.agent}\n${row.tool}\n${row.found[0]?.fingerprint ?? ""}`}
        empty="No call came to nothing in this time."
        loading={waste.isPending}
        failed={waste.isLoadingError}
        stale={waste.isPlaceholderData}
      />
      {rows.length > MOST ? <p className="quiet">{plural(rows.length - MOST, "tool")} that waste less are left out.</p> : null}
    </Section>
  );
}

function note(rows: number, partial: boolean): string {
  return `${count(rows)}${partial ? ", of the latest 200,000 calls" : ""}`;
}

function columns(agent: string, nowMs: number): readonly SmallColumn<ToolWaste>[] {
  return [
    { id: "tool", label: "Tool", cell: tool },
    ...(agent ? [] : [{ id: "agent", label: "Agent", cell: agentOf }]),
    {
      id: "calls",
      label: "Calls",
      align: "right",
      cell: (row) => (row.calls ? <span title={fullCount(row.calls)}>{count(row.calls)}</span> : <None />),
    },
    part("errors", "Failed", "Share of its calls", (row) => [row.errors, row.calls]),
    part("repeated", "Repeated", "Successful calls with the arguments and the result of an earlier one of their run", (row) => [
      row.repeated,
      row.comparable,
    ]),
    part("unread", "Unread", "Results after which no model was called in the trace; traces that go on are not judged", (row) => [
      row.unread,
      row.judged,
    ]),
    {
      id: "tokens",
      label: "Results",
      hint: "Tokens of all results, roughly",
      align: "right",
      cell: (row) => (row.result_tokens ? `${count(row.result_tokens)} tok` : <None />),
    },
    {
      id: "lost",
      label: "Lost",
      hint: "Time that went into failed calls",
      align: "right",
      cell: (row) => (row.failed_ns ? duration(row.failed_ns) : <None />),
    },
    { id: "found", label: "Found", wide: true, cell: found },
    {
      id: "seen",
      label: "Last call",
      align: "right",
      cell: (row) =>
        row.last_seen && row.trace_id.replaceAll("0", "") ? (
          <Link to="/traces/$traceId" params={{ traceId: row.trace_id }} search={{ span: row.span_id } as never} title={utc(row.last_seen)}>
            {ago(row.last_seen, nowMs)}
          </Link>
        ) : (
          <None />
        ),
    },
  ];
}

function tool(row: ToolWaste) {
  return row.tool ? visible(row.tool).slice(0, 80) : <span className="quiet">several</span>;
}

function agentOf(row: ToolWaste) {
  return row.agent ? (
    <Link to="/agents/$agent" params={{ agent: row.agent }}>
      {visible(row.agent).slice(0, 60)}
    </Link>
  ) : (
    <None />
  );
}

function part(id: string, label: string, hint: string, counts: (row: ToolWaste) => readonly [number, number]): SmallColumn<ToolWaste> {
  return {
    id,
    label,
    hint,
    align: "right",
    cell: (row) => {
      const [hits, of] = counts(row);
      const share = shareOf(hits, of);
      if (share === null)
        return (
          <span className="quiet" title="nothing is known">
            –
          </span>
        );
      return hits ? (
        <span title={`${fullCount(hits)} of ${fullCount(of)}`}>
          {count(hits)} <span className="quiet">{share}</span>
        </span>
      ) : (
        <None />
      );
    },
  };
}

function found(row: ToolWaste) {
  return (
    <span className={styles.found}>
      {row.found.map((one) => (
        <Link key={one.fingerprint} to="/findings" search={{ finding: one.fingerprint } as never} title={visible(one.title)}>
          {headline(one.rule)}
        </Link>
      ))}
    </span>
  );
}
