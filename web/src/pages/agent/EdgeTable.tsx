import { Link } from "@tanstack/react-router";
import { Bar } from "@/components/Bar";
import { None } from "@/components/None";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import type { Edge } from "@/data/queries/agents";
import { ago, count, duration, fullCount, percent, utc } from "@/model/format";

interface Props {
  readonly agent: string;
  readonly rows: readonly Edge[];
  readonly nowMs: number;
  readonly loading: boolean;
  readonly failed: boolean;
}

/** Who calls this agent, and whom it calls. */
export function EdgeTable({ agent, rows, nowMs, loading, failed }: Props) {
  const most = Math.max(1, ...rows.map((row) => row.calls));
  const columns: readonly SmallColumn<Edge>[] = [
    { id: "caller", label: "Caller", cell: (row) => <Agent name={row.caller} here={agent} /> },
    { id: "callee", label: "Called", cell: (row) => <Agent name={row.callee} here={agent} /> },
    {
      id: "calls",
      label: "Calls",
      align: "right",
      cell: (row) => (
        <span title={fullCount(row.calls)}>
          <Bar share={row.calls / most} colour="var(--kind-agent)" />{" "}
          <span style={{ display: "inline-block", minWidth: 42 }}>{count(row.calls)}</span>
        </span>
      ),
    },
    {
      id: "errors",
      label: "Errors",
      align: "right",
      cell: (row) =>
        row.errors ? (
          <span style={{ color: "var(--status-error)" }}>
            {count(row.errors)} <span className="quiet">{percent(row.errors / row.calls)}</span>
          </span>
        ) : (
          <None />
        ),
    },
    { id: "p50", label: "p50", align: "right", cell: (row) => duration(row.p50_ns) },
    { id: "p95", label: "p95", align: "right", cell: (row) => duration(row.p95_ns) },
    { id: "seen", label: "Last seen", align: "right", cell: (row) => <span title={utc(row.last_seen)}>{ago(row.last_seen, nowMs)}</span> },
  ];
  return (
    <SmallTable
      label="Calls between agents"
      rows={rows}
      columns={columns}
      keyOf={(row) => `${row.caller}\n${row.callee}`}
      empty="It works alone: no other agent called it, and it called none."
      loading={loading}
      failed={failed}
    />
  );
}

function Agent({ name, here }: { readonly name: string; readonly here: string }) {
  if (name === here) return <span className="quiet">{name}</span>;
  return (
    <Link to="/agents/$agent" params={{ agent: name }}>
      {name}
    </Link>
  );
}
