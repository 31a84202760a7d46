import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Problem } from "@/components/Problem";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { useWorkflowRuns, type WorkflowRunItem } from "@/data/queries/workflows";
import { duration } from "@/model/format";
import { StepStatus } from "./StepStatus";

const COLUMNS: readonly SmallColumn<WorkflowRunItem>[] = [
  {
    id: "start",
    label: "Began",
    cell: (run) => (
      <Link to="/workflows/runs/$traceId/$spanId" params={{ traceId: run.trace_id, spanId: run.span_id }}>
        <When iso={run.start} nowMs={Date.now()} />
      </Link>
    ),
  },
  { id: "state", label: "State", cell: (run) => <StepStatus state={run.state} /> },
  { id: "duration", label: "Took", align: "right", cell: (run) => (run.state === "running" ? "" : duration(run.duration_ns)) },
  { id: "input", label: "In", wide: true, cell: (run) => run.input || run.error_type || run.status_message },
];

/** Runs of a workflow, latest first. */
export function WorkflowRuns({ name }: { readonly name: string }) {
  const runs = useWorkflowRuns(useScope(), name);
  const rows = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="Runs">
      {runs.error ? <Problem error={runs.error} onRetry={() => void runs.refetch()} /> : null}
      <SmallTable
        label="Runs"
        rows={rows}
        columns={COLUMNS}
        keyOf={(run) => `${run.trace_id}${run.span_id}`}
        empty="None in this time."
        loading={runs.isPending}
        failed={runs.isLoadingError}
        stale={runs.isPlaceholderData}
      />
      {runs.hasNextPage ? (
        <div>
          <Button variant="default" size="compact-sm" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Earlier runs
          </Button>
        </div>
      ) : null}
    </Section>
  );
}
