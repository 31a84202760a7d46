import { Link } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import type { Schemas } from "@/data/client";
import { type ExecutionDetail, useExecutionProcesses } from "@/data/queries/executions";

type Process = Schemas["WatchedProcess"];

/** The processes that it caused, where a runner watched; nothing where none did. */
export function Processes({ run }: { readonly run: ExecutionDetail }) {
  const { project } = useScope();
  const found = useExecutionProcesses(project, run.id, run.source === "span");
  if (found.error) return <Failed of={found} />;
  const rows = found.data?.items ?? [];
  if (!rows.length) return null;
  return (
    <Section
      title="Processes"
      actions={
        <Link to="/traces/$traceId" params={{ traceId: run.trace_id }} search={{ view: "evidence" } as never}>
          All evidence
        </Link>
      }
    >
      <SmallTable label="Processes" rows={rows} columns={COLUMNS} keyOf={(one) => one.id} empty="" />
    </Section>
  );
}

const COLUMNS: readonly SmallColumn<Process>[] = [
  { id: "pid", label: "Process", cell: (one) => <span className="mono">{one.pid}</span> },
  {
    id: "command",
    label: "Command",
    wide: true,
    cell: (one) => (
      <span className="mono" title={one.command_args.join(" ")}>
        {one.command_args.join(" ") || one.executable}
      </span>
    ),
  },
  { id: "start", label: "Start", cell: (one) => <When iso={one.start} nowMs={Date.now()} /> },
  {
    id: "end",
    label: "Ended",
    cell: (one) => (one.exit_signal ? one.exit_signal : one.exit_code === null ? <None /> : `status ${one.exit_code}`),
  },
];
