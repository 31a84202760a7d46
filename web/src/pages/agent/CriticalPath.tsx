import { Link } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Bar } from "@/components/Bar";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type PathStep, useCriticalPath } from "@/data/queries/paths";
import { count, duration, percent, plural } from "@/model/format";

const SHOWN = 10;
const SURE = 0.05;

/** The steps that the ends of its runs waited for, and what retries took. */
export function CriticalPath({ name }: { readonly name: string }) {
  const scope = useScope();
  const found = useCriticalPath(scope, name);
  if (found.isSuccess && !found.data.runs) return null; // nothing ended in this time
  const slowest = found.data?.slowest;
  return (
    <Section
      title="What runs wait for"
      note={found.data ? `${plural(found.data.runs, "run")}${found.data.partial ? " of more, by chance" : ""}` : undefined}
      actions={
        slowest ? (
          <Link to="/traces/$traceId" params={{ traceId: slowest.trace_id }} search={{ span: slowest.span_id } as never}>
            The longest: {duration(slowest.duration_ns)}
          </Link>
        ) : null
      }
    >
      <Failed of={found} />
      {found.data ? <p>{found.data.told}</p> : null}
      <SmallTable
        label="What runs wait for"
        rows={found.data?.items.slice(0, SHOWN) ?? []}
        columns={COLUMNS}
        keyOf={(step) => `${step.kind}\n${step.name}`}
        empty="No run has ended in this time."
        loading={found.isPending}
        failed={found.isLoadingError}
        stale={found.isPlaceholderData}
      />
    </Section>
  );
}

const COLUMNS: readonly SmallColumn<PathStep>[] = [
  { id: "step", label: "Step", wide: true, cell: (step) => <Step step={step} /> },
  {
    id: "share",
    label: "Share of a run",
    align: "right",
    hint: "Mean over the runs, from the end of each backwards along what ended last",
    cell: (step) => (
      <span>
        <Bar share={step.share} colour={step.kind === "tool" ? "var(--kind-tool)" : "var(--kind-llm)"} />{" "}
        <span style={{ display: "inline-block", minWidth: 42 }}>{percent(step.share)}</span>
      </span>
    ),
  },
  { id: "before", label: "Before", align: "right", hint: "In the time of the same length before", cell: (step) => <Before step={step} /> },
  { id: "time", label: "Time of a run", align: "right", cell: (step) => duration(step.mean_ns) },
  { id: "runs", label: "Runs", align: "right", cell: (step) => count(step.runs) },
];

function Step({ step }: { readonly step: PathStep }) {
  if (step.kind === "agent" && step.name === "itself") return <span className="quiet">the agent itself</span>;
  return (
    <span>
      {step.name || step.kind} <span className="quiet">{step.name ? step.kind : ""}</span>
    </span>
  );
}

/** Loud only where chance does not explain the difference. */
function Before({ step }: { readonly step: PathStep }) {
  if (!step.change) return <None />;
  const sure = step.change.false_share <= SURE;
  return (
    <span className={sure ? "" : "quiet"} title={`p = ${step.change.probability.toPrecision(2)}`}>
      {percent(step.share_before)}
    </span>
  );
}
