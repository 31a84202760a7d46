import { When } from "@/components/When";
import type { Action, Process } from "@/model/evidence";
import { commandOf, didOf, visible } from "@/model/evidence-words";
import { bytes, duration, fullCount } from "@/model/format";
import side from "../side/Side.module.css";
import { Because } from "./Because";
import styles from "./Item.module.css";
import type { Opening } from "./opening";

interface Props extends Opening {
  readonly action: Action;
  readonly process: Process | undefined;
}

/** Something that a process did. */
export function ActionStory({ action, process, spanName, onSpan, onItem }: Props) {
  return (
    <>
      <pre className={`${side.text} mono`}>{visible(action.what) || didOf(action.name)}</pre>
      <h4 className={side.part}>Why it was done</h4>
      <Because
        link={action.link}
        name={action.link ? spanName(action.link.span_id) : undefined}
        onSpan={onSpan}
        unexplained={action.unexplained}
      />
      <dl className={side.facts}>
        <dt>Event</dt>
        <dd className="mono">{visible(action.name)}</dd>
        {action.error ? (
          <>
            <dt>Failed</dt>
            <dd className={styles.red}>{visible(action.error)}</dd>
          </>
        ) : null}
        <dt>At</dt>
        <dd>
          <When iso={action.time} nowMs={Date.now()} />
          <span className="quiet"> {duration(action.at)} after the begin</span>
        </dd>
        <dt>By</dt>
        <dd>
          {process ? (
            <button type="button" className={side.link} onClick={() => onItem(`p:${process.told.id}`)}>
              {process.told.pid} {commandOf(process.told)}
            </button>
          ) : (
            <span className="quiet">not seen</span>
          )}
        </dd>
        {action.read_bytes ? (
          <>
            <dt>In</dt>
            <dd title={fullCount(action.read_bytes)}>{bytes(action.read_bytes)}</dd>
          </>
        ) : null}
        {action.written_bytes ? (
          <>
            <dt>Out</dt>
            <dd title={fullCount(action.written_bytes)}>{bytes(action.written_bytes)}</dd>
          </>
        ) : null}
      </dl>
    </>
  );
}
