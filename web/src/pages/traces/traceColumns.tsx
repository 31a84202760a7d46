import type { Column } from "@/components/DataTable";
import { KindIcon } from "@/components/KindIcon";
import { Status } from "@/components/Status";
import { When } from "@/components/When";
import type { Trace } from "@/data/queries/traces";
import { count, duration, fullCount, fullDuration, fullMoney, money } from "@/model/format";
import { type ColumnId, ORDERS, type Widths } from "@/model/traces-search";
import styles from "./traceColumns.module.css";

const SORTABLE: ReadonlySet<ColumnId> = new Set(ORDERS);

/** The chosen columns in their order; `nowMs` decides how times are written. */
export function traceColumns(chosen: readonly ColumnId[], nowMs: number, widths: Widths = {}): readonly Column<Trace>[] {
  const all = columns(nowMs);
  return chosen.map((id) => ({
    id,
    ...all[id],
    sortable: SORTABLE.has(id),
    ...(widths[id] === undefined ? {} : { width: `${widths[id]}px` }),
  }));
}

function columns(nowMs: number): Readonly<Record<ColumnId, Omit<Column<Trace>, "id" | "sortable">>> {
  return {
    start: { label: "Time", width: "114px", cell: (trace) => <When iso={trace.start} nowMs={nowMs} /> },
    name: { label: "Name", width: "minmax(200px, 1fr)", cell: (trace) => <Name trace={trace} /> },
    agent: { label: "Agent", width: "108px", cell: (trace) => several(trace.agents) },
    status: { label: "Status", width: "72px", cell: (trace) => <Status status={trace.status} pending={trace.pending > 0} /> },
    duration: {
      label: "Duration",
      width: "76px",
      align: "right",
      cell: (trace) => <span title={fullDuration(trace.duration_ns)}>{duration(trace.duration_ns)}</span>,
    },
    spans: { label: "Spans", width: "64px", align: "right", cell: (trace) => number(trace.spans) },
    calls: { label: "Calls", width: "56px", align: "right", cell: (trace) => number(trace.model_calls) },
    tools: { label: "Tools", width: "56px", align: "right", cell: (trace) => number(trace.tool_calls) },
    tokens: { label: "Tokens", width: "62px", align: "right", cell: (trace) => <Tokens trace={trace} /> },
    cost: {
      label: "Cost",
      width: "78px",
      align: "right",
      cell: (trace) => (trace.cost_usd ? <span title={fullMoney(trace.cost_usd)}>{money(trace.cost_usd)}</span> : <None />),
    },
    errors: {
      label: "Errors",
      width: "54px",
      align: "right",
      cell: (trace) => (trace.errors ? <b className={styles.errors}>{count(trace.errors)}</b> : <None />),
    },
    model: { label: "Model", width: "150px", cell: (trace) => several(trace.models) },
    service: { label: "Service", width: "120px", cell: (trace) => trace.service || <None /> },
    session: { label: "Session", width: "120px", cell: (trace) => trace.session_id || <None /> },
    user: { label: "User", width: "110px", cell: (trace) => trace.user_id || <None /> },
  };
}

function Name({ trace }: { readonly trace: Trace }) {
  const said = trace.status === "error" && trace.status_message ? trace.status_message : trace.input;
  return (
    <span className={styles.name}>
      <KindIcon kind={trace.kind} />
      <span className={styles.title} title={trace.name}>
        {trace.name || trace.trace_id.slice(0, 16)}
      </span>
      {said ? (
        <span className={`${styles.said} ${trace.status === "error" && trace.status_message ? styles.failed : ""} cut`} title={said}>
          {said}
        </span>
      ) : null}
    </span>
  );
}

function Tokens({ trace }: { readonly trace: Trace }) {
  const all = trace.input_tokens + trace.output_tokens;
  if (!all) return <None />;
  return <span title={`${fullCount(trace.input_tokens)} in, ${fullCount(trace.output_tokens)} out`}>{count(all)}</span>;
}

function several(names: readonly string[]) {
  if (!names.length) return <None />;
  return (
    <span title={names.join(", ")}>
      {names[0]}
      {names.length > 1 ? <span className="quiet"> +{names.length - 1}</span> : null}
    </span>
  );
}

function number(value: number) {
  return value ? <span title={fullCount(value)}>{count(value)}</span> : <None />;
}

function None() {
  return <span className={styles.none}>–</span>;
}
