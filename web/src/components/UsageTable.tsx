import { Link } from "@tanstack/react-router";
import { ago, count, duration, fullCount, fullDuration, fullMoney, money, percent, utc } from "@/model/format";
import { quoteValue } from "@/model/search-edit";
import { Bar } from "./Bar";
import { None } from "./None";
import { type SmallColumn, SmallTable } from "./SmallTable";

/** What the calls of one tool or model came to. */
export interface UsageRow {
  readonly name: string;
  readonly providers: readonly string[];
  readonly calls: number;
  readonly errors: number;
  readonly error_types: readonly string[];
  readonly p50_ns: number | null;
  readonly p95_ns: number | null;
  readonly failed_ns: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cost_usd: number;
  readonly unpriced: number;
  readonly agents: readonly string[];
  readonly last_seen: string;
}

interface Props {
  readonly of: "tool" | "model";
  readonly rows: readonly UsageRow[];
  readonly nowMs: number;
  /** Only calls of this agent are among the rows, and among the traces that a row leads to. */
  readonly agent?: string;
  readonly loading?: boolean;
  readonly failed?: boolean;
  readonly stale?: boolean;
}

/** Tools or models by use; a name leads to the traces with its calls. */
export function UsageTable({ of, rows, nowMs, agent, loading = false, failed = false, stale = false }: Props) {
  const most = Math.max(1, ...rows.map((row) => row.calls));
  const columns = [name(of, agent), ...figures(most), ...(of === "model" ? MODEL : TOOL), ...(agent ? [] : [AGENTS]), seen(nowMs)];
  return (
    <SmallTable
      label={of === "tool" ? "Tools" : "Models"}
      rows={rows}
      columns={columns}
      keyOf={(row) => row.name}
      empty={of === "tool" ? "No tool was called in this time." : "No model was called in this time."}
      loading={loading}
      failed={failed}
      stale={stale}
    />
  );
}

function name(of: "tool" | "model", agent: string | undefined): SmallColumn<UsageRow> {
  return {
    id: "name",
    label: of === "tool" ? "Tool" : "Model",
    cell: (row) => (
      <Link
        to="/traces"
        search={{ query: `${of}:${quoteValue(row.name)}${agent ? ` agent:${quoteValue(agent)}` : ""}` }}
        title={[row.name, ...row.providers].join(", ")}
      >
        {row.name}
      </Link>
    ),
  };
}

function figures(most: number): readonly SmallColumn<UsageRow>[] {
  return [
    {
      id: "calls",
      label: "Calls",
      align: "right",
      cell: (row) => (
        <span title={fullCount(row.calls)}>
          <Bar share={row.calls / most} /> <span style={{ display: "inline-block", minWidth: 42 }}>{count(row.calls)}</span>
        </span>
      ),
    },
    {
      id: "errors",
      label: "Errors",
      align: "right",
      cell: (row) =>
        row.errors ? (
          <span style={{ color: "var(--status-error)" }} title={row.error_types.join(", ")}>
            {count(row.errors)} <span className="quiet">{percent(row.errors / row.calls)}</span>
          </span>
        ) : (
          <None />
        ),
    },
    { id: "p50", label: "p50", align: "right", cell: (row) => time(row.p50_ns) },
    { id: "p95", label: "p95", align: "right", cell: (row) => time(row.p95_ns) },
  ];
}

const TOOL: readonly SmallColumn<UsageRow>[] = [
  {
    id: "waste",
    label: "Lost",
    hint: "Time that went into failed calls",
    align: "right",
    cell: (row) => (row.failed_ns ? time(row.failed_ns) : <None />),
  },
];

const MODEL: readonly SmallColumn<UsageRow>[] = [
  { id: "input", label: "In", hint: "Tokens in, cached ones included", align: "right", cell: (row) => number(row.input_tokens) },
  {
    id: "cached",
    label: "Cached",
    hint: "Share of the tokens in that came from the provider's cache",
    align: "right",
    cell: (row) => (row.cache_read_tokens ? percent(row.cache_read_tokens / row.input_tokens) : <None />),
  },
  { id: "output", label: "Out", hint: "Tokens out, reasoning included", align: "right", cell: (row) => number(row.output_tokens) },
  {
    id: "cost",
    label: "Cost",
    align: "right",
    cell: (row) =>
      row.unpriced && !row.cost_usd ? (
        <span style={{ color: "var(--status-warning)" }} title={`${fullCount(row.unpriced)} calls have no price`}>
          no price
        </span>
      ) : row.cost_usd ? (
        <span title={fullMoney(row.cost_usd)}>{money(row.cost_usd)}</span>
      ) : (
        <None />
      ),
  },
];

const AGENTS: SmallColumn<UsageRow> = {
  id: "agents",
  label: "Agents",
  wide: true,
  cell: (row) => (row.agents.length ? <span title={row.agents.join(", ")}>{row.agents.join(", ")}</span> : <None />),
};

function seen(nowMs: number): SmallColumn<UsageRow> {
  return {
    id: "seen",
    label: "Last seen",
    align: "right",
    cell: (row) => <span title={utc(row.last_seen)}>{ago(row.last_seen, nowMs)}</span>,
  };
}

function time(ns: number | null) {
  return ns === null ? <None /> : <span title={fullDuration(Math.round(ns))}>{duration(ns)}</span>;
}

function number(value: number) {
  return value ? <span title={fullCount(value)}>{count(value)}</span> : <None />;
}
