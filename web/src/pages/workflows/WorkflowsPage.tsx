/** The workflows that ran in the time, or that somebody declared. */

import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { type Column, DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import list from "@/components/List.module.css";
import { None } from "@/components/None";
import { Problem } from "@/components/Problem";
import { useWorkflows, type Workflow } from "@/data/queries/workflows";
import { ago, count, duration, fullCount, percent, plural, utc } from "@/model/format";
import { rangeLabel } from "@/model/time-range";

const keyOf = (workflow: Workflow) => workflow.name;
const linkOf = (workflow: Workflow) => ({ to: "/workflows/$workflow", params: { workflow: workflow.name } }) as const;
const right = { align: "right" } as const;

export function WorkflowsPage() {
  const scope = useScope();
  const workflows = useWorkflows(scope);
  const nowMs = workflows.dataUpdatedAt || Date.now();
  const columns = useMemo(() => columnsAt(nowMs), [nowMs]);
  const rows = workflows.data?.items ?? [];
  return (
    <div className={list.page}>
      {workflows.error ? <Problem error={workflows.error} onRetry={() => void workflows.refetch()} /> : null}
      {workflows.isSuccess && rows.length === 0 ? (
        <Empty title="No workflows here" action={<ButtonLink to="/start">Connect an agent</ButtonLink>}>
          Nothing in project {scope.project}, {rangeLabel(scope).toLowerCase()}. A graph, crew, pipeline or flow that its framework tells of
          is a workflow; others can be declared over the API.
        </Empty>
      ) : (
        <DataTable
          label="Workflows"
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={keyOf}
          compact={(workflow) => <WorkflowCard workflow={workflow} nowMs={nowMs} />}
          loading={workflows.isPending}
          stale={workflows.isPlaceholderData}
        />
      )}
    </div>
  );
}

function columnsAt(nowMs: number): readonly Column<Workflow>[] {
  return [
    {
      id: "name",
      label: "Workflow",
      width: "minmax(180px, 2fr)",
      cell: (one) => <span className={`${list.title} cut`}>{one.name}</span>,
    },
    { id: "source", label: "Known from", width: "110px", cell: (one) => sourceWords(one.source) },
    { id: "runs", label: "Runs", width: "64px", ...right, cell: (one) => <span title={fullCount(one.runs)}>{count(one.runs)}</span> },
    { id: "running", label: "Running", width: "72px", ...right, cell: (one) => (one.running ? count(one.running) : <None />) },
    { id: "failed", label: "Failed", width: "72px", ...right, cell: (one) => <Failed workflow={one} /> },
    { id: "p50", label: "p50", width: "76px", ...right, cell: (one) => (one.p50_ns === null ? <None /> : duration(one.p50_ns)) },
    { id: "p95", label: "p95", width: "76px", ...right, cell: (one) => (one.p95_ns === null ? <None /> : duration(one.p95_ns)) },
    {
      id: "services",
      label: "Services",
      width: "minmax(100px, 1fr)",
      cell: (one) => (one.services.length ? one.services.join(", ") : <None />),
    },
    {
      id: "seen",
      label: "Last run",
      width: "90px",
      ...right,
      cell: (one) => (one.last_seen ? <span title={utc(one.last_seen)}>{ago(one.last_seen, nowMs)}</span> : <None />),
    },
  ];
}

function Failed({ workflow }: { readonly workflow: Workflow }) {
  if (!workflow.failed_runs) return <None />;
  return (
    <span className={list.failed} title={`${fullCount(workflow.failed_runs)} of ${fullCount(workflow.runs)} runs failed`}>
      {percent(workflow.failed_runs / workflow.runs)}
    </span>
  );
}

function sourceWords(source: Workflow["source"]): string {
  return source === "both" ? "runs, declared" : source === "derived" ? "runs" : "declared";
}

function WorkflowCard({ workflow, nowMs }: { readonly workflow: Workflow; readonly nowMs: number }) {
  return (
    <div className={list.card}>
      <div className={list.line}>
        <span className={`${list.title} cut`}>{workflow.name}</span>
        <span className={`${list.end} quiet`}>{workflow.last_seen ? ago(workflow.last_seen, nowMs) : "never ran"}</span>
      </div>
      <div className={`${list.line} quiet`}>
        <span>{plural(workflow.runs, "run")}</span>
        {workflow.running ? <span>{count(workflow.running)} running</span> : null}
        <span className={list.end}>
          {workflow.failed_runs ? (
            <span>
              <Failed workflow={workflow} /> <span className={list.failed}>failed</span>
            </span>
          ) : null}
          {workflow.p95_ns === null ? null : <span>{duration(workflow.p95_ns)}</span>}
        </span>
      </div>
    </div>
  );
}
