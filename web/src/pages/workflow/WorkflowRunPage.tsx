/** One run of a workflow: its steps with their states, drawn and as a list; those that were declared and did not run, too. */

import { Link, useParams } from "@tanstack/react-router";
import { Suspense, useMemo } from "react";
import { lazyPart } from "@/app/lazy";
import { useScope } from "@/app/scope";
import { useNamed } from "@/app/title";
import { ButtonLink } from "@/components/ButtonLink";
import type { Told } from "@/components/graph/GraphCard";
import { None } from "@/components/None";
import page from "@/components/Page.module.css";
import { Problem } from "@/components/Problem";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { type RunStep, useWorkflowRun, type WorkflowRun } from "@/data/queries/workflows";
import { runGraph, toneOfStep } from "@/model/flow-graph";
import { duration } from "@/model/format";
import { StepName } from "./StepName";
import { StepStatus } from "./StepStatus";
import styles from "./WorkflowPage.module.css";

const FlowGraph = lazyPart(() => import("./FlowGraph").then((found) => found.FlowGraph));
const NONE: ReadonlySet<string> = new Set();

export function WorkflowRunPage() {
  const { traceId, spanId } = useParams({ from: "/shell/workflows/runs/$traceId/$spanId" });
  const { project } = useScope();
  const found = useWorkflowRun(project, traceId, spanId);
  useNamed(found.data?.name ?? spanId);
  if (found.error) return <Problem error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton rows={8} height={28} />;
  return <Shown run={found.data} />;
}

function Shown({ run }: { readonly run: WorkflowRun }) {
  const graph = useMemo(() => runGraph(run.steps, run.edges), [run]);
  const told = useMemo(() => new Map(run.steps.map((step) => [step.key, toldOf(step)])), [run]);
  return (
    <div className={`${page.page} ${styles.texts}`}>
      <header className={page.head}>
        <h2 className="cut">
          <Link to="/workflows/$workflow" params={{ workflow: run.name }}>
            {run.name}
          </Link>
        </h2>
        <StepStatus state={run.state} />
        <span className={`${page.about} quiet`}>
          <When iso={run.start} nowMs={Date.now()} />
          {run.duration_ns === null ? "" : `, ${duration(run.duration_ns)}`}
        </span>
        <ButtonLink variant="default" to="/traces/$traceId" params={{ traceId: run.trace_id }}>
          Its trace
        </ButtonLink>
      </header>
      <Section title="Graph">
        {graph.nodes.length ? (
          <Suspense fallback={<Skeleton rows={6} height={28} />}>
            <FlowGraph label={`Steps of a run of ${run.name}, drawn`} graph={graph} told={told} counted={false} meant={NONE} />
          </Suspense>
        ) : (
          <p className="quiet">This run tells of no steps.</p>
        )}
      </Section>
      <Section title="Steps" note={run.partial ? "the first 500" : undefined}>
        <SmallTable label="Steps of this run" rows={run.steps} columns={COLUMNS} keyOf={(step) => step.key} empty="No steps." />
      </Section>
    </div>
  );
}

function toldOf(step: RunStep): Told {
  const words = step.duration_ns === null ? step.state : `${step.state}, ${duration(step.duration_ns)}`;
  return { words, tone: toneOfStep(step.state), absent: step.span_id === null };
}

const COLUMNS: readonly SmallColumn<RunStep>[] = [
  {
    id: "step",
    label: "Step",
    cell: (step) => <StepName kind={step.kind} name={step.id} />,
  },
  { id: "state", label: "State", cell: (step) => <StepStatus state={step.state} /> },
  { id: "start", label: "Began", cell: (step) => (step.start ? <When iso={step.start} nowMs={Date.now()} /> : <None />) },
  { id: "duration", label: "Took", align: "right", cell: (step) => (step.duration_ns === null ? <None /> : duration(step.duration_ns)) },
  { id: "said", label: "Error", wide: true, cell: (step) => [step.error_type, step.status_message].filter(Boolean).join(": ") || <None /> },
];
