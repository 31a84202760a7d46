import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { ExecutionStatus } from "@/components/ExecutionStatus";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import page from "@/components/Page.module.css";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { type Execution, useExecutions } from "@/data/queries/agents";
import { duration, fullDuration } from "@/model/format";
import { quoteValue } from "@/model/search-edit";
import styles from "./AgentPage.module.css";

/** The runs of an agent, latest first; each leads to its page. */
export function Runs({ name }: { readonly name: string }) {
  const runs = useExecutions(useScope(), `agent:${quoteValue(name)}`);
  const rows = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="Runs" note="latest first">
      <Failed of={runs} />
      <SmallTable
        label="Runs"
        rows={rows}
        columns={columns(runs.dataUpdatedAt || Date.now())}
        keyOf={(run) => `${run.trace_id}${run.id}`}
        empty="No run of its own in this time."
        loading={runs.isPending}
        failed={runs.isLoadingError}
        stale={runs.isPlaceholderData}
      />
      {runs.hasNextPage ? (
        <Button variant="default" mt={10} loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          Earlier runs
        </Button>
      ) : null}
    </Section>
  );
}

function columns(nowMs: number): readonly SmallColumn<Execution>[] {
  return [
    {
      id: "start",
      label: "Start",
      cell: (run) => (
        <Link to="/executions/$executionId" params={{ executionId: run.id }}>
          <When iso={run.start} nowMs={nowMs} />
        </Link>
      ),
    },
    { id: "status", label: "Status", cell: (run) => <ExecutionStatus status={run.status} /> },
    {
      id: "duration",
      label: "Duration",
      align: "right",
      cell: (run) => <span title={fullDuration(run.duration_ns)}>{duration(run.duration_ns)}</span>,
    },
    { id: "input", label: "Said", wide: true, cell: (run) => <Said run={run} /> },
    { id: "session", label: "Session", cell: (run) => run.session_id.slice(0, 24) || <None /> },
    { id: "version", label: "Version", cell: (run) => run.agent_version || <None /> },
  ];
}

function Said({ run }: { readonly run: Execution }) {
  const failed = run.status === "failed" && (run.status_message || run.error_type);
  const text = failed || run.input || run.output;
  if (!text) return <None />;
  return (
    <span className={`${styles.said} ${failed ? page.failed : ""}`} title={text}>
      {text}
    </span>
  );
}
