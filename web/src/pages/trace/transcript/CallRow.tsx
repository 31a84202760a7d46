import { useState } from "react";
import { KindIcon } from "@/components/KindIcon";
import { count, duration, fullCount, fullDuration, fullMoney, money } from "@/model/format";
import type { StoryRow } from "@/model/transcript";
import { Conversation } from "./Conversation";
import { Failure } from "./Failure";
import type { RowOf } from "./row-of";
import styles from "./Transcript.module.css";

/** A model is called: quietly, which one and what it took; the whole conversation on demand. */
export function CallRow({ row, project, traceId, onSelect }: RowOf & { readonly row: StoryRow & { readonly type: "call" } }) {
  const { span } = row;
  const [whole, setWhole] = useState(false);
  const all = span.inputs + span.outputs;
  return (
    <>
      <div className={`${styles.head} quiet`}>
        <KindIcon kind="llm" size={13} />
        <button type="button" className={`${styles.model} cut`} onClick={onSelect}>
          {span.model || span.name}
        </button>
        {all ? (
          <button type="button" className={styles.more} onClick={() => setWhole(!whole)} aria-expanded={whole}>
            {whole ? "Only what is new" : `Show all ${all}`}
          </button>
        ) : null}
        <span className={styles.figures}>
          {span.input_tokens + span.output_tokens ? (
            <span title={`${fullCount(span.input_tokens)} tokens in, ${fullCount(span.output_tokens)} out`}>
              {count(span.input_tokens)} → {count(span.output_tokens)}
            </span>
          ) : null}
          {span.cost_usd ? <span title={fullMoney(span.cost_usd)}>{money(span.cost_usd)}</span> : null}
          <span title={fullDuration(span.duration_ns)}>{span.pending ? "running" : duration(span.duration_ns)}</span>
        </span>
      </div>
      {span.status === "error" ? <Failure project={project} traceId={traceId} spanId={span.span_id} type={span.error_type} /> : null}
      {row.repeats && !whole ? <Conversation project={project} traceId={traceId} spanId={span.span_id} only="output" /> : null}
      {whole ? <Conversation project={project} traceId={traceId} spanId={span.span_id} /> : null}
    </>
  );
}
