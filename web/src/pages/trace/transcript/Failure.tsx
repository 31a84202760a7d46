import { IconAlertTriangle } from "@tabler/icons-react";
import { useSpan } from "@/data/queries/span";
import styles from "./Transcript.module.css";
import { useRested } from "./useRested";

interface Props {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly type: string;
}

/** Why a span failed, in the source's words. */
export function Failure({ project, traceId, spanId, type }: Props) {
  const answer = useSpan({ project, traceId, spanId }, useRested());
  const span = answer.data;
  const thrown = span?.events.find((event) => "exception.message" in event.attributes)?.attributes["exception.message"];
  const message = span?.status_message || (typeof thrown === "string" ? thrown : "");
  return (
    <p className={styles.failure}>
      <IconAlertTriangle size={14} aria-hidden />
      <span>
        {type && !message.includes(type) ? <b>{type} </b> : null}
        {message || (type ? "" : span ? "failed, and the source says nothing more" : "failed")}
      </span>
    </p>
  );
}
