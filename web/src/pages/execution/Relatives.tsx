import { Link } from "@tanstack/react-router";
import { ExecutionStatus } from "@/components/ExecutionStatus";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import type { Execution, ExecutionDetail } from "@/data/queries/executions";
import { count, duration, money } from "@/model/format";

interface Relative {
  readonly run: Execution;
  readonly how: "parent" | "child" | "origin" | "fork";
}

/** The executions around it: above and below it, what it was forked from, and its forks. */
export function Relatives({ run, nowMs }: { readonly run: ExecutionDetail; readonly nowMs: number }) {
  const rows: readonly Relative[] = [
    ...(run.parent ? [{ run: run.parent, how: "parent" as const }] : []),
    ...(run.origin ? [{ run: run.origin, how: "origin" as const }] : []),
    ...run.children.map((one) => ({ run: one, how: "child" as const })),
    ...run.forks.map((one) => ({ run: one, how: "fork" as const })),
  ];
  if (!rows.length) return null;
  return (
    <Section title="Around it">
      <SmallTable label="Around it" rows={rows} columns={columns(run.id, nowMs)} keyOf={(one) => `${one.how} ${one.run.id}`} empty="" />
    </Section>
  );
}

function columns(id: string, nowMs: number): readonly SmallColumn<Relative>[] {
  return [
    {
      id: "agent",
      label: "Execution",
      cell: ({ run }) => (
        <Link to="/executions/$executionId" params={{ executionId: run.id }}>
          {run.agent || run.name || run.id.slice(0, 16)}
        </Link>
      ),
    },
    { id: "how", label: "Is", cell: ({ run, how }) => (how === "fork" ? `fork after step ${run.forked_at_step ?? 0}` : how) },
    { id: "status", label: "Status", cell: ({ run }) => <ExecutionStatus status={run.status} /> },
    { id: "start", label: "Start", cell: ({ run }) => <When iso={run.start} nowMs={nowMs} /> },
    { id: "duration", label: "Duration", align: "right", cell: ({ run }) => duration(run.duration_ns) },
    { id: "steps", label: "Steps", align: "right", cell: ({ run }) => count(run.steps) },
    { id: "cost", label: "Cost", align: "right", cell: ({ run }) => (run.cost_usd ? money(run.cost_usd) : <None />) },
    {
      id: "compare",
      label: "",
      cell: ({ run, how }) =>
        how === "fork" || how === "origin" ? (
          <Link to="/executions/compare" search={(how === "fork" ? { a: id, b: run.id } : { a: run.id, b: id }) as never}>
            Side by side
          </Link>
        ) : null,
    },
  ];
}
