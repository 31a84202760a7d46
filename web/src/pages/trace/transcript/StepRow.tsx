import { useState } from "react";
import { Failed } from "@/components/Failed";
import { KindIcon } from "@/components/KindIcon";
import { AnyValue } from "@/components/Parts";
import { Status } from "@/components/Status";
import { useSpan } from "@/data/queries/span";
import { count, duration, fullDuration } from "@/model/format";
import type { StoryRow } from "@/model/transcript";
import { Failure } from "./Failure";
import type { RowOf } from "./row-of";
import styles from "./Transcript.module.css";
import { useRested } from "./useRested";

/** Something else is done, as one line; what went in and out on demand. */
export function StepRow({ row, project, traceId, bare, onSelect }: RowOf & { readonly row: StoryRow & { readonly type: "step" } }) {
  const { span } = row;
  const [open, setOpen] = useState(false);
  return (
    <>
      <div className={styles.head}>
        <KindIcon kind={span.kind} size={14} />
        <button type="button" className={`${styles.step} cut`} onClick={onSelect}>
          {span.name}
        </button>
        {bare ? null : (
          <button type="button" className={styles.more} onClick={() => setOpen(!open)} aria-expanded={open}>
            {open ? "Less" : "In and out"}
          </button>
        )}
        {span.status === "error" || span.pending ? <Status status={span.status} pending={span.pending} /> : null}
        <span className={styles.figures}>
          {span.input_tokens ? <span>{count(span.input_tokens)} tokens</span> : null}
          <span title={fullDuration(span.duration_ns)}>{duration(span.duration_ns)}</span>
        </span>
      </div>
      {span.status === "error" ? <Failure project={project} traceId={traceId} spanId={span.span_id} type={span.error_type} /> : null}
      {bare || open ? <InAndOut project={project} traceId={traceId} spanId={span.span_id} said={open} /> : null}
    </>
  );
}

interface InAndOutProps {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Say so where there is nothing. */
  readonly said: boolean;
}

function InAndOut(of: InAndOutProps) {
  return useRested() ? <Told {...of} /> : null;
}

function Told({ project, traceId, spanId, said }: InAndOutProps) {
  const answer = useSpan({ project, traceId, spanId });
  const span = answer.data;
  if (!span) return <Failed of={answer} />;
  if (!span.input && !span.output) return said ? <span className="quiet">The span tells neither.</span> : null;
  return (
    <div className={styles.beside}>
      <section aria-label="In">
        <AnyValue value={span.input} />
      </section>
      <section aria-label="Out">
        <AnyValue value={span.output} />
      </section>
    </div>
  );
}
