/** One workflow: its runs as one graph, beside what was declared, its steps, and its runs. */

import { useParams } from "@tanstack/react-router";
import { Suspense, useEffect, useMemo } from "react";
import { lazyPart } from "@/app/lazy";
import { useScope } from "@/app/scope";
import { remember } from "@/app/shell/recent";
import { useNamed } from "@/app/title";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { Figure, Figures } from "@/components/Figure";
import type { Told } from "@/components/graph/GraphCard";
import page from "@/components/Page.module.css";
import { Problem } from "@/components/Problem";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { asApiError } from "@/data/problem";
import { useWorkflow, type WorkflowGraph, type WorkflowStep } from "@/data/queries/workflows";
import { workflowGraph } from "@/model/flow-graph";
import { count, duration, fullCount, plural } from "@/model/format";
import { rangeLabel } from "@/model/time-range";
import { StepTable } from "./StepTable";
import styles from "./WorkflowPage.module.css";
import { WorkflowRuns } from "./WorkflowRuns";

const FlowGraph = lazyPart(() => import("./FlowGraph").then((found) => found.FlowGraph));

export function WorkflowPage() {
  const { workflow: name } = useParams({ from: "/shell/workflows/$workflow" });
  const scope = useScope();
  const found = useWorkflow(scope, name);
  useNamed(name);
  useEffect(() => remember({ href: `/workflows/${encodeURIComponent(name)}`, title: name }), [name]);
  const error = found.error ? asApiError(found.error) : null;
  if (error?.code === "not_found")
    return (
      <Empty title={`Nothing of ${name}`} action={<ButtonLink to="/workflows">All workflows</ButtonLink>}>
        It did not run in project {scope.project}, {rangeLabel(scope).toLowerCase()}, and nobody declared it.
      </Empty>
    );
  const workflow = found.data?.name === name ? found.data : undefined;
  return (
    <div className={`${page.page} ${styles.texts}`}>
      <header className={page.head}>
        <h2 className="cut">{name}</h2>
        <span className={`${page.about} quiet cut`}>{workflow?.declared?.description}</span>
      </header>
      {error ? <Problem error={error} onRetry={() => void found.refetch()} /> : null}
      {workflow ? <Shown workflow={workflow} /> : error ? null : <Skeleton rows={8} height={28} />}
      <WorkflowRuns name={name} />
    </div>
  );
}

function Shown({ workflow }: { readonly workflow: WorkflowGraph }) {
  const graph = useMemo(() => workflowGraph(workflow.steps, workflow.edges), [workflow]);
  const told = useMemo(() => new Map(workflow.steps.map((step) => [step.id, toldOf(step)])), [workflow]);
  const meant = useMemo(
    () => new Set(workflow.edges.filter((edge) => edge.declared && !edge.runs).map((edge) => `${edge.from}\n${edge.to}`)),
    [workflow],
  );
  const note = workflow.partial ? `the latest ${plural(workflow.looked_at, "run")}` : plural(workflow.looked_at, "run");
  return (
    <>
      <Figures label="In this time">
        <Figure label="Runs" full={fullCount(workflow.runs)} note={workflow.running ? `${count(workflow.running)} running` : undefined}>
          {count(workflow.runs)}
        </Figure>
        <Figure label="Failed" tone={workflow.failed_runs ? "error" : undefined}>
          {count(workflow.failed_runs)}
        </Figure>
        <Figure label="Run p50">{duration(workflow.p50_ns)}</Figure>
        <Figure label="Run p95">{duration(workflow.p95_ns)}</Figure>
        <Figure label="Steps">{count(workflow.steps.length)}</Figure>
      </Figures>
      {workflow.never_run.length ? <p>Declared and never run: {workflow.never_run.join(", ")}.</p> : null}
      {workflow.undeclared.length ? <p>Run and not declared: {workflow.undeclared.join(", ")}.</p> : null}
      <Section title="Graph" note={note}>
        {graph.nodes.length ? (
          <Suspense fallback={<Skeleton rows={6} height={28} />}>
            <FlowGraph label={`Steps of ${workflow.name}, drawn`} graph={graph} told={told} counted meant={meant} />
          </Suspense>
        ) : (
          <p className="quiet">Its runs tell of no steps.</p>
        )}
      </Section>
      <Section title="Steps" note={workflow.declared ? `declared, version ${workflow.declared.version}` : undefined}>
        <StepTable workflow={workflow} />
      </Section>
    </>
  );
}

function toldOf(step: WorkflowStep): Told {
  if (!step.count) return { words: step.optional ? "declared, optional, never ran" : "declared, never ran", tone: null, absent: true };
  const words = [`${count(step.count)}×`, duration(step.p50_ns), step.errors ? plural(step.errors, "error") : ""]
    .filter(Boolean)
    .join(" · ");
  return { words, tone: step.errors ? "error" : null, absent: false };
}
