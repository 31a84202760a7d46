import { When } from "@/components/When";
import type { Process } from "@/model/evidence";
import { commandOf, ending, failure, visible } from "@/model/evidence-words";
import { duration, fullDuration } from "@/model/format";
import side from "../side/Side.module.css";
import styles from "./Item.module.css";

interface Props {
  readonly process: Process;
  readonly parent: Process | undefined;
  readonly onProcess: (id: string) => void;
}

/** What is known of a process itself. */
export function ProcessFacts({ process, parent, onProcess }: Props) {
  const { told } = process;
  const took = process.until === null ? null : process.until - process.at;
  return (
    <dl className={side.facts}>
      <dt>Process</dt>
      <dd>
        {told.pid}
        {told.host_id ? <span className="quiet"> on {visible(told.host_id)}</span> : null}
      </dd>
      {told.executable ? (
        <>
          <dt>Program</dt>
          <dd className="mono">{visible(told.executable)}</dd>
        </>
      ) : null}
      <dt>Parent</dt>
      <dd>
        {parent ? (
          <button type="button" className={side.link} onClick={() => onProcess(parent.told.id)}>
            {parent.told.pid} {commandOf(parent.told)}
          </button>
        ) : (
          <span className="quiet">not seen</span>
        )}
      </dd>
      <dt>Started</dt>
      <dd>
        <When iso={told.start} nowMs={Date.now()} />
        <span className="quiet">
          {process.at < 0 ? ` ${duration(-process.at)} before the trace` : ` ${duration(process.at)} into the trace`}
        </span>
      </dd>
      <dt>Ended</dt>
      <dd className={failure(told) ? styles.red : ""}>
        {ending(told)}
        {took === null ? null : <span title={fullDuration(took)}> after {duration(took)}</span>}
      </dd>
    </dl>
  );
}
