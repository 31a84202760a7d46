import { Button } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { Problem } from "@/components/Problem";
import { StopDialog } from "@/components/StopDialog";
import { When } from "@/components/When";
import type { ExecutionDetail } from "@/data/queries/executions";
import { useChangeStop, useStopOf } from "@/data/queries/stops";
import { visible } from "@/model/evidence-words";
import { isGoing } from "@/model/execution";
import { canWithdraw, stopStanding } from "@/model/stops";
import styles from "./ExecutionPage.module.css";

interface Props {
  readonly run: ExecutionDetail;
  readonly nowMs: number;
}

/** Whether somebody asked it to stop; as long as it goes on it can be asked to, and that taken back until its program has heard. */
export function Stopping({ run, nowMs }: Props) {
  const { project } = useScope();
  const going = isGoing(run.status);
  const found = useStopOf(project, run.id, going);
  const change = useChangeStop(project);
  const [asking, setAsking] = useState(false);
  const stop = found.data;
  const holds = stop && !stop.withdrawn;
  if (!going && !holds) return null;
  return (
    <div className={styles.stopping}>
      <Failed of={found} />
      {holds ? (
        <>
          <span>
            Asked to stop{stop.who ? ` by ${visible(stop.who)}` : ""}, <When iso={stop.asked} nowMs={nowMs} />
            {stop.note ? `: ${visible(stop.note)}` : ""}
          </span>
          <Health {...stopStanding(stop)} />
        </>
      ) : null}
      {holds && going && canWithdraw(stop) ? (
        <Button
          variant="default"
          size="compact-sm"
          loading={change.isPending}
          onClick={() => change.mutate({ do: "withdraw", execution: run.id })}
        >
          Take back
        </Button>
      ) : null}
      {found.isSuccess && !holds ? (
        <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
          Stop it …
        </Button>
      ) : null}
      {change.error && !asking ? <Problem error={change.error} /> : null}
      {asking ? (
        <StopDialog
          execution={run.id}
          busy={change.isPending}
          error={change.error}
          onStop={(execution, who, note) => change.mutate({ do: "ask", execution, who, note }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </div>
  );
}
