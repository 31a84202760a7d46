import { ExecutionStatus } from "@/components/ExecutionStatus";
import list from "@/components/List.module.css";
import type { Execution } from "@/data/queries/executions";
import { ageNs } from "@/model/execution";
import { ago, duration, money } from "@/model/format";
import { Said } from "./Said";

interface Props {
  readonly run: Execution;
  readonly nowMs: number;
  readonly heldMs: number;
}

/** An execution in three lines, for narrow screens. */
export function ExecutionCard({ run, nowMs, heldMs }: Props) {
  return (
    <div className={list.card}>
      <div className={list.line}>
        <span className={`${list.title} cut`}>{run.agent || run.name || run.id}</span>
        <span className={list.end}>
          {run.cost_usd ? <span className="quiet">{money(run.cost_usd)}</span> : null}
          <span>{duration(ageNs(run, heldMs))}</span>
        </span>
      </div>
      <div className={`${list.line} quiet`}>
        <Said run={run} />
      </div>
      <div className={`${list.line} quiet`}>
        <ExecutionStatus status={run.status} />
        <span className={list.end}>{ago(run.start, nowMs)}</span>
      </div>
    </div>
  );
}
