import { None } from "@/components/None";
import page from "@/components/Page.module.css";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import type { WorkflowGraph, WorkflowStep } from "@/data/queries/workflows";
import { count, duration, percent } from "@/model/format";
import { StepName } from "./StepName";

/** The steps of a workflow with their figures, and what came after each. */
export function StepTable({ workflow }: { readonly workflow: WorkflowGraph }) {
  const after = (step: WorkflowStep) =>
    workflow.edges
      .filter((edge) => edge.from === step.id)
      .map((edge) => (edge.runs ? `${edge.to} (${edge.runs}×)` : `${edge.to} (declared)`))
      .join(", ");
  const columns: readonly SmallColumn<WorkflowStep>[] = [
    {
      id: "step",
      label: "Step",
      cell: (step) => <StepName kind={step.kind} name={step.id} />,
    },
    ...(workflow.declared ? [{ id: "declared", label: "Declared", cell: declaredWords }] : []),
    { id: "runs", label: "In runs", align: "right", cell: (step) => count(step.runs), hint: "Runs in which it ran" },
    { id: "count", label: "Times", align: "right", cell: (step) => count(step.count), hint: "How often it ran" },
    {
      id: "errors",
      label: "Errors",
      align: "right",
      cell: (step) =>
        step.errors ? (
          <span className={page.failed}>
            {count(step.errors)} <span className="quiet">{percent(step.errors / step.count)}</span>
          </span>
        ) : (
          <None />
        ),
    },
    { id: "p50", label: "p50", align: "right", cell: (step) => (step.p50_ns === null ? <None /> : duration(step.p50_ns)) },
    { id: "p95", label: "p95", align: "right", cell: (step) => (step.p95_ns === null ? <None /> : duration(step.p95_ns)) },
    { id: "after", label: "Followed by", wide: true, cell: (step) => after(step) || <None /> },
  ];
  return <SmallTable label="Steps" rows={workflow.steps} columns={columns} keyOf={(step) => step.id} empty="No steps." />;
}

function declaredWords(step: WorkflowStep) {
  if (!step.declared) return <span className="quiet">no</span>;
  return step.optional ? "optional" : "yes";
}
