import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { CutText } from "@/components/CutText";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { None } from "@/components/None";
import { Problem } from "@/components/Problem";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { StopDialog } from "@/components/StopDialog";
import { When } from "@/components/When";
import { type Stop, useChangeStop, useStops } from "@/data/queries/stops";
import { visible } from "@/model/evidence-words";
import { canWithdraw, stopStanding } from "@/model/stops";

/** Executions that somebody, or a policy, asked to stop; what no program has heard is taken back here. */
export function Stops() {
  const { project } = useScope();
  const found = useStops(project);
  const ask = useChangeStop(project);
  const withdraw = useChangeStop(project);
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title="Stops"
      note="executions that shall end, latest first"
      actions={
        <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
          Stop an execution
        </Button>
      }
    >
      <Failed of={found} />
      {withdraw.error ? <Problem error={withdraw.error} /> : null}
      <SmallTable
        label="Stops"
        rows={found.data?.pages.flatMap((page) => page.items) ?? []}
        columns={columns(found.dataUpdatedAt || Date.now(), withdraw.isPending, (execution) =>
          withdraw.mutate({ do: "withdraw", execution }),
        )}
        keyOf={(one) => one.execution_id}
        empty="None. Somebody stops an execution here or on its own page, or a policy does."
        loading={found.isPending}
        failed={found.isLoadingError}
      />
      {found.hasNextPage ? (
        <Button variant="default" mt={10} loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Earlier ones
        </Button>
      ) : null}
      {asking ? (
        <StopDialog
          execution=""
          busy={ask.isPending}
          error={ask.error}
          onStop={(execution, who, note) => ask.mutate({ do: "ask", execution, who, note }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Section>
  );
}

function columns(nowMs: number, busy: boolean, onWithdraw: (execution: string) => void): readonly SmallColumn<Stop>[] {
  return [
    { id: "asked", label: "When", cell: (one) => <When iso={one.asked} nowMs={nowMs} /> },
    { id: "state", label: "State", cell: (one) => <Health {...stopStanding(one)} /> },
    {
      id: "execution",
      label: "Execution",
      cell: (one) => (
        <Link to="/executions/$executionId" params={{ executionId: one.execution_id }} className="mono">
          <CutText text={visible(one.execution_id)} />
        </Link>
      ),
    },
    { id: "who", label: "Who", cell: (one) => (one.who ? <CutText text={visible(one.who)} /> : <None />) },
    {
      id: "note",
      label: "Why",
      wide: true,
      cell: (one) => (one.note ? <span title={visible(one.note)}>{visible(one.note)}</span> : <None />),
    },
    { id: "heard", label: "Heard", cell: (one) => (one.heard ? <When iso={one.heard} nowMs={nowMs} /> : <None />) },
    {
      id: "undo",
      label: "",
      cell: (one) =>
        canWithdraw(one) ? (
          <Button
            variant="default"
            size="compact-xs"
            disabled={busy}
            onClick={() => onWithdraw(one.execution_id)}
            aria-label={`Take back the stop of ${visible(one.execution_id).slice(0, 100)}`}
          >
            Take back
          </Button>
        ) : null,
    },
  ];
}
