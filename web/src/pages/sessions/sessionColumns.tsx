import type { Column } from "@/components/DataTable";
import list from "@/components/List.module.css";
import { None } from "@/components/None";
import { When } from "@/components/When";
import type { Session } from "@/data/queries/sessions";
import { count, duration, fullCount, fullMoney, money, parseTime } from "@/model/format";

export function sessionColumns(nowMs: number): readonly Column<Session>[] {
  return [
    { id: "end", label: "Last seen", width: "112px", cell: (one) => <When iso={one.end} nowMs={nowMs} /> },
    {
      id: "session",
      label: "Session",
      width: "minmax(220px, 1fr)",
      cell: (one) => (
        <span title={one.session_id}>
          <span className={list.title}>{one.session_id}</span> <span className="quiet">{one.first_input}</span>
        </span>
      ),
    },
    { id: "user", label: "User", width: "120px", cell: (one) => several(one.users) },
    { id: "agents", label: "Agents", width: "150px", cell: (one) => several(one.agents) },
    { id: "traces", label: "Turns", width: "60px", align: "right", cell: (one) => number(one.traces) },
    { id: "duration", label: "Duration", width: "84px", align: "right", cell: (one) => duration(lasted(one)) },
    { id: "tokens", label: "Tokens", width: "70px", align: "right", cell: (one) => number(one.input_tokens + one.output_tokens) },
    {
      id: "cost",
      label: "Cost",
      width: "78px",
      align: "right",
      cell: (one) => (one.cost_usd ? <span title={fullMoney(one.cost_usd)}>{money(one.cost_usd)}</span> : <None />),
    },
    {
      id: "errors",
      label: "Errors",
      width: "60px",
      align: "right",
      cell: (one) => (one.errors ? <b className={list.failed}>{count(one.errors)}</b> : <None />),
    },
  ];
}

/** From the first to the last that was heard of it, in ns. */
export function lasted(session: Session): number {
  return Math.max(0, parseTime(session.end) - parseTime(session.start)) * 1e6;
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
