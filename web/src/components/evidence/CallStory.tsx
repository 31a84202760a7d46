import { ButtonLink } from "@/components/ButtonLink";
import { When } from "@/components/When";
import type { Call, Process } from "@/model/evidence";
import { commandOf, visible } from "@/model/evidence-words";
import { duration, fullDuration } from "@/model/format";
import side from "../side/Side.module.css";
import { Because } from "./Because";
import styles from "./Item.module.css";
import type { Opening } from "./opening";

interface Props extends Opening {
  readonly call: Call;
  readonly process: Process | undefined;
}

/** A model call that was seen in the plaintext of a connection; it is a span of its own, with its messages. */
export function CallStory({ call, process, spanName, onSpan, onItem }: Props) {
  return (
    <>
      <h4 className={side.part}>Which span tells of it</h4>
      <Because link={call.link} name={call.link ? spanName(call.link.span_id) : undefined} onSpan={onSpan} unexplained />
      <dl className={side.facts}>
        <dt>Model</dt>
        <dd>{visible(call.model) || "not told"}</dd>
        <dt>Server</dt>
        <dd className="mono">{visible(call.server) || "not told"}</dd>
        <dt>At</dt>
        <dd>
          <When iso={call.start} nowMs={Date.now()} />
          <span className="quiet"> {duration(call.at)} after the begin</span>
        </dd>
        <dt>Took</dt>
        <dd title={fullDuration(call.duration_ns)}>{duration(call.duration_ns)}</dd>
        <dt>By</dt>
        <dd>
          {process ? (
            <button type="button" className={side.link} onClick={() => onItem(`p:${process.told.id}`)}>
              {process.told.pid} {commandOf(process.told)}
            </button>
          ) : call.pid ? (
            `process ${call.pid}`
          ) : (
            "not told"
          )}
        </dd>
      </dl>
      <div className={styles.actions}>
        <ButtonLink
          variant="default"
          to="/traces/$traceId"
          params={{ traceId: call.trace_id }}
          search={((before: { project?: string }) => ({ project: before.project, span: call.span_id })) as never}
        >
          What was said
        </ButtonLink>
      </div>
    </>
  );
}
