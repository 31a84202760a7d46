import type { Column } from "@/components/DataTable";
import { ExecutionStatus } from "@/components/ExecutionStatus";
import list from "@/components/List.module.css";
import { None } from "@/components/None";
import { When } from "@/components/When";
import type { Execution } from "@/data/queries/executions";
import { ageNs, isGoing } from "@/model/execution";
import { ago, count, duration, fullCount, fullDuration, fullMoney, money, plural, utc } from "@/model/format";
import styles from "./ExecutionsPage.module.css";
import { Said } from "./Said";

const right = { align: "right" } as const;

/** The columns of the list of executions. `heldMs`: how old the answer is. */
export function executionColumns(nowMs: number, heldMs: number): readonly Column<Execution>[] {
  return [
    { id: "status", label: "Status", width: "104px", cell: (run) => <ExecutionStatus status={run.status} what={whatOf(run, nowMs)} /> },
    { id: "agent", label: "Agent", width: "minmax(130px, 1fr)", cell: (run) => <Who run={run} /> },
    { id: "said", label: "What", width: "minmax(140px, 2fr)", cell: (run) => <Said run={run} /> },
    { id: "start", label: "Start", width: "110px", cell: (run) => <When iso={run.start} nowMs={nowMs} /> },
    {
      id: "duration",
      label: "Duration",
      width: "84px",
      ...right,
      cell: (run) => <span title={isGoing(run.status) ? "goes on" : fullDuration(run.duration_ns)}>{duration(ageNs(run, heldMs))}</span>,
    },
    {
      id: "heard",
      label: "Heard",
      width: "80px",
      ...right,
      cell: (run) => (isGoing(run.status) ? <span title={utc(run.last_heard)}>{ago(run.last_heard, nowMs)}</span> : <None />),
    },
    {
      id: "steps",
      label: "Steps",
      width: "56px",
      ...right,
      cell: (run) => (run.steps ? <span title={`last: ${run.last_step}`}>{count(run.steps)}</span> : <None />),
    },
    { id: "calls", label: "Calls", width: "56px", ...right, cell: (run) => <Calls run={run} /> },
    { id: "tokens", label: "Tokens", width: "64px", ...right, cell: (run) => figure(tokensOf(run)) },
    {
      id: "cost",
      label: "Cost",
      width: "88px",
      ...right,
      cell: (run) => (run.cost_usd ? <span title={fullMoney(run.cost_usd)}>{money(run.cost_usd)}</span> : <None />),
    },
    {
      id: "errors",
      label: "Errors",
      width: "56px",
      ...right,
      cell: (run) => (run.errors ? <span className={list.failed}>{count(run.errors)}</span> : <None />),
    },
  ];
}

function Who({ run }: { readonly run: Execution }) {
  return (
    <span className={styles.said}>
      <span className={`${list.title} cut`}>{run.agent || run.name || run.id}</span>
      <span className="quiet cut">{run.agent_version}</span>
    </span>
  );
}

function Calls({ run }: { readonly run: Execution }) {
  if (run.model_calls === null || run.tool_calls === null) return <None />;
  const title = `${plural(run.model_calls, "model call")}, ${plural(run.tool_calls, "tool call")}`;
  return run.model_calls + run.tool_calls ? <span title={title}>{count(run.model_calls + run.tool_calls)}</span> : <None />;
}

function tokensOf(run: Execution): number {
  return (run.input_tokens ?? 0) + (run.output_tokens ?? 0);
}

function figure(value: number) {
  return value ? <span title={fullCount(value)}>{count(value)}</span> : <None />;
}

function whatOf(run: Execution, nowMs: number): string {
  if (run.stalled_since && isGoing(run.status))
    return `stalled ${ago(run.stalled_since, nowMs)}: silent for longer than its rhythm lets expect`;
  return run.waiting_for ? `waits for ${run.waiting_for}` : "";
}
