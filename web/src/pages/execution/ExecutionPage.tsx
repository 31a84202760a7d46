/** One execution: how it stands, what it spent, each of its moments, and what is around it. */
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useScope } from "@/app/scope";
import { remember } from "@/app/shell/recent";
import { useNamed } from "@/app/title";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { Problem } from "@/components/Problem";
import { Skeleton } from "@/components/Skeleton";
import { asApiError } from "@/data/problem";
import { type ExecutionDetail, useExecution } from "@/data/queries/executions";
import { ExecutionFigures } from "./ExecutionFigures";
import { ExecutionHead } from "./ExecutionHead";
import styles from "./ExecutionPage.module.css";
import { ExecutionTexts } from "./ExecutionTexts";
import { Processes } from "./Processes";
import { Relatives } from "./Relatives";
import { Stopping } from "./Stopping";
import { Travel } from "./Travel";

export function ExecutionPage() {
  const { executionId: id } = useParams({ from: "/shell/executions/$executionId" });
  const { project } = useScope();
  const found = useExecution(project, id);
  const run = found.data;
  const title = run ? `${run.agent || run.name || "Execution"} ${run.id.slice(0, 8)}` : "";
  useNamed(title || id);
  useEffect(() => {
    if (title) remember({ href: `/executions/${encodeURIComponent(id)}`, title });
  }, [id, title]);
  if (found.error && asApiError(found.error).status === 404)
    return (
      <Empty title="There is no such execution" action={<ButtonLink to="/executions">All executions</ButtonLink>}>
        {asApiError(found.error).message}.
      </Empty>
    );
  return (
    <div className={styles.page}>
      {found.error ? <Problem error={found.error} onRetry={() => void found.refetch()} /> : null}
      {run ? <Shown key={run.id} run={run} answeredMs={found.dataUpdatedAt} /> : found.error ? null : <Skeleton rows={10} height={28} />}
    </div>
  );
}

function Shown({ run, answeredMs }: { readonly run: ExecutionDetail; readonly answeredMs: number }) {
  return (
    <>
      <ExecutionHead run={run} answeredMs={answeredMs} />
      <Stopping run={run} nowMs={answeredMs} />
      <ExecutionFigures run={run} />
      <Travel run={run} />
      <ExecutionTexts run={run} />
      <Relatives run={run} nowMs={answeredMs} />
      <Processes run={run} />
    </>
  );
}
