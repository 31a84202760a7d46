import { Failed } from "@/components/Failed";
import { Parts } from "@/components/Parts";
import { useSpanMessages } from "@/data/queries/span";
import { partsOf } from "@/model/message";
import styles from "./Transcript.module.css";
import { useRested } from "./useRested";

interface Props {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Only what came out. */
  readonly only?: "output";
}

/** All that one call was told and said, as the model saw it. */
export function Conversation({ project, traceId, spanId, only }: Props) {
  const answer = useSpanMessages({ project, traceId, spanId }, useRested());
  if (answer.error && !answer.data) return <Failed of={answer} />;
  if (!answer.data) return <p className="quiet">Loading the conversation…</p>;
  const shown = only ? answer.data.items.filter((one) => one.direction === only) : answer.data.items;
  return (
    <>
      <Failed of={answer} />
      <ol className={only ? styles.repeated : styles.conversation}>
        {shown.map((one) => (
          <li key={`${one.direction}/${one.position}`}>
            <span className={styles.role} data-role={one.role}>
              {one.role || "message"}
              {one.new ? <b className={styles.fresh}>new</b> : null}
            </span>
            {one.missing ? (
              <span className="quiet">This message is not kept any more.</span>
            ) : (
              <Parts parts={partsOf(one.body, one.text)} />
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
